"""The console's own orders, the lines that begin with a colon: what a hand on a mouse would do, and a look behind."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from tux.errors import UserError
from tux.offline.reply import Reply, SeenMessage
from tux.offline.script import CHANNEL, USER, call_names, one_of, read_span, split_words
from tux.offline.tables import MAX_ROWS, count_rows, read_rows

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from tux.offline.conversation import Conversation

Act: TypeAlias = "Callable[[Conversation, str], Awaitable[None]]"
_REST_CALLS = 5
# Discord's rule for user names
_USERNAME = re.compile(r"[a-z0-9_.]{2,32}")


@dataclass(frozen=True, slots=True)
class Order:
    """One order: what it takes, what it does, and the names that Tab offers after it (`@` people, `#` channels)."""

    takes: str
    summary: str
    act: Act
    offers: str = ""


ORDERS: dict[str, Order] = {}


def order(name: str, takes: str, summary: str, offers: str = "") -> Callable[[Act], Act]:
    """Register a function as an order; one whose `takes` is not in brackets refuses to run without a text."""

    def register(act: Act) -> Act:
        ORDERS[name] = Order(takes, summary, act, offers)
        return act

    return register


async def carry_out(talk: Conversation, name: str, text: str) -> None:
    """Run an order.

    Raises:
        UserError: there is none of that name, or it lacks what it takes.
    """
    found = ORDERS[one_of(name, ORDERS, "order", ":help lists them")]
    if not text and found.takes and not found.takes.startswith("["):
        raise UserError(f":{name} needs {found.takes}: it serves to {found.summary}")
    await found.act(talk, text)


@order("as", "NAME", "speak as somebody else", "@")
async def _as(talk: Conversation, text: str) -> None:
    talk.become(talk.find(text, USER))


@order("go", "#CHANNEL", "go to another channel", "#")
async def _go(talk: Conversation, text: str) -> None:
    talk.move_to(talk.world.channels[talk.find(text, CHANNEL)["id"]])


@order("click", "N or a label", "press a button")
async def _click(talk: Conversation, text: str) -> None:
    message, component = talk.transcript.buttons.find(text)
    await talk.actor.clicks(SeenMessage(talk.world, message), component["custom_id"])


@order("pick", "N VALUE…", "choose in a select")
async def _pick(talk: Conversation, text: str) -> None:
    which, *values = split_words(text)
    message, component = talk.transcript.buttons.find(which, select=True)
    await talk.actor.selects(SeenMessage(talk.world, message), component["custom_id"], *values)


@order("fill", "first|second|…", "answer a form")
async def _fill(talk: Conversation, text: str) -> None:
    form = talk.transcript.form
    if form is None:
        raise UserError("there is no form to fill in now")
    values = [value.strip() for value in text.split("|")]
    await talk.actor.submits(Reply(talk.world, interaction=form), *values)
    if talk.transcript.form is form:
        talk.transcript.form = None


@order("react", "EMOJI", "react to the last message here")
async def _react(talk: Conversation, text: str) -> None:
    seen = [message for message in talk.channel.messages.values() if message.only_for is None]
    if not seen:
        raise UserError("there is no message here to react to")
    await talk.actor.reacts(SeenMessage(talk.world, seen[-1]), text)


@order("dm", "TEXT", "write to the bot in private")
async def _dm(talk: Conversation, text: str) -> None:
    await talk.actor.dm(text)


@order("join", "NAME", "let somebody join the server")
async def _join(talk: Conversation, text: str) -> None:
    name = text.lstrip("@").lower()
    if not _USERNAME.fullmatch(name):
        raise UserError(f"{text!r} is no name of a user: 2 to 32 letters, digits, dots and underscores")
    known = talk.names_of(USER)
    newcomer = talk.speaker(known[name]) if name in known else talk.local.stranger(name)
    await newcomer.joins()


@order("leave", "[NAME]", "let somebody (or you) leave the server", "@")
async def _leave(talk: Conversation, text: str) -> None:
    person = talk.speaker(talk.find(text, USER)) if text else talk.actor
    if not person.is_member:
        raise UserError(f"{person.name} is not in the server")
    await person.leaves()


@order("skip", "SPAN", "move the clock forward, :skip 10m; what is due by then happens")
async def _skip(talk: Conversation, text: str) -> None:
    talk.skip(read_span(text))
    talk.transcript.note(f"{text} later")
    await talk.bot.run_due()
    await talk.local.settle()


@order("db", "[TABLE]", "count the rows of the tables, or show those of one")
async def _db(talk: Conversation, text: str) -> None:
    service = talk.bot.db_service
    if not text:
        for table, count in (await count_rows(service)).items():
            talk.transcript.note(f"{table}: {count}")
        return
    rows = await read_rows(service, text, talk.transcript.names())
    for row in rows or ["no rows"]:
        talk.transcript.note(row)
    if len(rows) == MAX_ROWS:
        talk.transcript.note(f"only the first {MAX_ROWS} rows are shown")


@order("rest", "[N]", "show the last requests of the bot")
async def _rest(talk: Conversation, text: str) -> None:
    if text and not text.isdigit():
        raise UserError(f":rest takes how many requests to show, not {text!r}")
    for request in talk.requests(int(text or _REST_CALLS)):
        talk.transcript.note(request)


@order("save", "FILE", "save what you typed as a script")
async def _save(talk: Conversation, text: str) -> None:
    talk.transcript.note(f"{talk.save(text)} lines were saved to {text}; play them with: tux console {text}")


@order("commands", "", "list the slash commands")
async def _commands(talk: Conversation, _text: str) -> None:
    for usage, description in call_names(talk.commands):
        talk.transcript.note(f"{usage} — {description}")


@order("who", "", "list people and channels")
async def _who(talk: Conversation, _text: str) -> None:
    guild = talk.guild
    names = talk.transcript.names()
    for member in guild.members.values():
        user = member["user"]
        marks = ["the bot"] if user.get("bot") else []
        marks += ["you"] if user is talk.user else []
        marks += ["the owner"] if user["id"] == guild.data["owner_id"] else []
        marks += [names.role(key) for key in member["roles"] if not user.get("bot")]
        talk.transcript.note(f"{names.user(user['id'])}" + (f": {', '.join(marks)}" if marks else ""))
    for user_id in guild.bans:
        talk.transcript.note(f"{names.user(user_id)}: banned")
    talk.transcript.note("channels: " + ", ".join(f"#{channel.data['name']}" for channel in guild.channels.values()))


@order("help", "", "show this")
async def _help(talk: Conversation, _text: str) -> None:
    note = talk.transcript.note
    note("text is said in the channel; @name, @role and #channel become mentions; a \\ in front says it as it stands")
    note("/command arg arg, or name:value in any order; text with spaces stands in quotes, the last one needs none")
    note("# text: a heading in a script")
    for name, found in ORDERS.items():
        note(f":{name} {found.takes}".strip() + f" — {found.summary}")


@order("quit", "", "leave")
async def _quit(talk: Conversation, _text: str) -> None:
    talk.is_over = True
