"""Whatever a command raises, whoever asked gets one answer, and the log has what is our fault."""

from __future__ import annotations

import re

import discord as discord_py
import pytest
import pytest_asyncio
from discord import app_commands
from discord.ext import commands
from support import added, logged

from tux import errors
from tux.bot import failures
from tux.bot.failures import SwitchedOff, explain, unwrap
from tux.cog import BaseCog, get_db
from tux.ui import Confirm, OwnedView

REFERENCE = re.compile(r"reference `([0-9a-f]{8})`")


class Refusal(errors.UserError):
    """What a plugin would raise."""


class Response:
    """As much of aiohttp's response as discord.py's errors keep."""

    reason = "Refused"

    def __init__(self, status):
        self.status = status


def refusal_of_discord(kind, status, text):
    return kind(Response(status), {"code": 0, "message": text})


async def dummy_callback(interaction: discord_py.Interaction):
    """Do nothing."""


OPTION = discord_py.AppCommandOptionType
DUMMY = app_commands.Command(name="dummy", description="Nothing", callback=dummy_callback)
COOLDOWN = commands.Cooldown(1, 60)

# what is raised, what the member reads, whether it is our fault
RAISED = [
    (Refusal("The shop is closed."), "The shop is closed.", False),
    (errors.PluginUnavailable("shop", "is off: by the maintainer"), "shop feature is not running", True),
    (errors.DatabaseConnectionError("h:1/d does not answer"), "cannot reach my database. Nothing was changed", True),
    (errors.ConnectionLost("gone"), "Look whether it was done", True),
    (errors.PoolTimeout("busy"), "database is busy", True),
    (errors.LockNotAvailable("busy"), "database is busy", True),
    (errors.StatementTimeout("slow"), "database is busy", True),
    (errors.TransactionConflict("deadlock"), "database is busy", True),
    (errors.UniqueViolation("key"), "exists already", True),
    (errors.InvalidValue("long", column="reason"), "A value does not fit (reason)", True),
    (errors.CheckViolation("negative"), "A value does not fit.", True),
    (errors.NotNullViolation("null", column="name"), "(name)", True),
    (errors.ForeignKeyViolation("parent"), "My database refused that", True),
    (commands.CommandOnCooldown(COOLDOWN, 41.7, commands.BucketType.user), "Try again in 42 seconds", False),
    (app_commands.CommandOnCooldown(app_commands.Cooldown(1, 60), 0.2), "Try again in 1 seconds", False),
    (commands.MaxConcurrencyReached(1, commands.BucketType.user), "Not so fast", False),
    (commands.DisabledCommand("off"), "This command is switched off", False),
    (failures.Stopping(), "I am being restarted", False),
    (commands.NoPrivateMessage(), "in a server only", False),
    (app_commands.NoPrivateMessage(), "in a server only", False),
    (commands.CheckFailure("The check functions for command x failed."), "You may not use this command.", False),
    (commands.MissingPermissions(["ban_members"]), "Ban Members", False),
    (app_commands.MissingPermissions(["ban_members"]), "Ban Members", False),
    (commands.BadArgument("Nobody knows that."), "Nobody knows that.\nWrite it as `!fail`.", False),
    (
        app_commands.TransformerError("bob", OPTION.user, app_commands.Transformer()),
        "`bob` is not in this server",
        False,
    ),
    (
        app_commands.TransformerError("x", OPTION.integer, app_commands.Transformer()),
        "`x` is not a whole number",
        False,
    ),
    (app_commands.CommandNotFound("old", []), "Discord shows an old list", False),
    (app_commands.CommandSignatureMismatch(DUMMY), "Discord shows an old list", False),
    (refusal_of_discord(discord_py.Forbidden, 403, "Missing Permissions"), "I lack a permission", False),
    (refusal_of_discord(discord_py.NotFound, 404, "Unknown Message"), "not there any more (Unknown Message)", False),
    (refusal_of_discord(discord_py.HTTPException, 400, "Too long"), "Too long", True),
    (ZeroDivisionError("in the plugin"), "That was not your fault", True),
    (commands.ConversionError(int, Refusal("No such excerpt.")), "No such excerpt.", False),
]


def name_of(value):
    return type(value).__name__ if isinstance(value, BaseException) else None


class Snippet(app_commands.Transformer):
    async def transform(self, interaction, value):
        raise Refusal(f"There is no excerpt {value}.")


class Failing(BaseCog):
    """Raises what it is told to."""

    error: BaseException
    plugin = "shop"

    @commands.hybrid_command()
    async def fail(self, ctx):
        """Fail."""
        raise self.error

    @app_commands.command()
    async def failslash(self, interaction: discord_py.Interaction):
        """Fail as a slash command only."""
        raise self.error

    @commands.hybrid_command()
    async def take(self, ctx, number: int, *, text: str = ""):
        """Take a number."""
        raise RuntimeError("taken")

    @commands.hybrid_command()
    async def invite(self, ctx, member: discord_py.Member):
        """Take a member."""

    @commands.command()
    async def pick(self, ctx, *, choice: str):
        raise self.error

    @commands.command()
    async def buttons(self, ctx):
        await Broken(ctx.author).send_to(ctx, discord_py.Embed(title="Press"))


class Broken(OwnedView):
    """A button that fails before, or after, it answered."""

    @discord_py.ui.button(label="early")
    async def early(self, interaction, _button):
        raise ZeroDivisionError

    @discord_py.ui.button(label="late")
    async def late(self, interaction, _button):
        await interaction.response.defer()
        raise Refusal("Too late.")


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def failing_cog(tux_stage):
    cog = Failing(tux_stage.bot)
    async with added(tux_stage.bot, cog):
        yield cog


@pytest.fixture
def failing(discord, failing_cog):
    return failing_cog


@pytest.mark.parametrize(("error", "text", "our_fault"), RAISED, ids=name_of)
async def test_every_error_gets_one_answer_and_our_faults_a_line_in_the_log(discord, failing, error, text, our_fault):
    failing.error = error
    alice = discord.member("alice")
    for act, line in ((alice.says, "!fail"), (alice.slash, "/fail")):
        with logged(discord) as lines:
            reply = await act(line)
        assert len(reply.messages) == 1
        assert text.replace("!fail", line) in reply.text
        assert reply.is_ephemeral == (line == "/fail")
        check_reference(reply, lines, our_fault=our_fault)
        failed = [line for line in lines if line.startswith("ERROR")]
        assert all(type(unwrap(error)).__name__ in line and str(discord.guild.id) in line for line in failed)


def check_reference(reply, lines, *, our_fault):
    found = REFERENCE.search(reply.text)
    failed = [line for line in lines if line.startswith("ERROR")]
    assert bool(found) == our_fault == bool(failed)
    if found:
        [line] = failed
        assert found[1] in line
        assert "'command': 'fail'" in line
        assert "'plugin': 'shop'" in line


def test_every_row_of_the_table_is_tried():
    rows = [kinds for kinds, _ in failures._ANSWERS]
    hit = {next((n for n, kinds in enumerate(rows) if isinstance(unwrap(e), kinds)), None) for e, *_ in RAISED}
    hit.add(next(n for n, kinds in enumerate(rows) if isinstance(SwitchedOff(), kinds)))  # tests of the gate
    assert hit == {None, *range(len(rows))}


@pytest.mark.parametrize("error", [Refusal("Closed."), app_commands.MissingPermissions(["ban_members"])], ids=name_of)
async def test_a_pure_slash_command_is_answered_by_the_same_handler(discord, failing, error):
    failing.error = error
    reply = await discord.member("alice").slash("failslash")
    assert reply.is_ephemeral
    assert explain(error).text in reply.text


async def test_a_fault_of_a_pure_slash_command_is_in_the_log(discord, failing):
    failing.error = ZeroDivisionError("slash")
    with logged(discord) as lines:
        reply = await discord.member("alice").slash("failslash")
    [line] = [line for line in lines if line.startswith("ERROR")]
    assert REFERENCE.search(reply.text)[1] in line
    assert "'command': 'failslash'" in line
    assert "'plugin': 'shop'" in line


@pytest.mark.parametrize(
    ("line", "what"),
    [
        ("!take", "`number` is missing."),
        ("!take many", "`number` must be a whole number."),
        ("!invite nobody", "nobody"),
    ],
)
async def test_wrong_arguments_are_answered_with_the_usage(discord, failing, line, what):
    with logged(discord) as lines:
        reply = await discord.member("alice").says(line)
    assert what in reply.text
    assert f"Write it as `{line.split()[0]} <" in reply.text
    assert not [line for line in lines if line.startswith("ERROR")]


async def test_a_user_who_is_not_here_is_no_member(discord, failing):
    alice, bob = discord.member("alice"), discord.member("bob")
    await bob.leaves()
    reply = await alice.slash("invite", member=bob)
    assert "is not in this server" in reply.text


async def test_the_log_of_a_failure_has_nothing_that_the_member_wrote(discord, failing):
    with logged(discord) as lines:
        await discord.member("alice").says("!take 1 my confidential words")
    assert [line for line in lines if line.startswith("ERROR")]
    assert not [line for line in lines if "confidential" in line]


async def test_references_differ(discord, failing):
    failing.error = ZeroDivisionError()
    alice = discord.member("alice")
    with logged(discord):
        found = {REFERENCE.search((await alice.says("!fail")).text)[1] for _ in range(3)}
    assert len(found) == 3


async def test_a_button_that_fails_is_answered_to_whoever_pressed_it(discord, failing):
    alice = discord.member("alice")
    asked = await alice.says("!buttons")
    with logged(discord) as lines:
        early = await alice.clicks(asked, "early")
        late = await alice.clicks(asked, "late")
    assert early.is_ephemeral
    assert REFERENCE.search(early.text)[1] in "".join(lines)
    assert late.is_ephemeral
    assert "Too late." in late.text


async def test_a_command_with_a_handler_of_its_own_gets_no_second_answer(discord, bot):  # noqa: C901 - four commands
    class Own(BaseCog):
        @commands.hybrid_command()
        async def mine(self, ctx):
            """Fail."""
            raise Refusal("by the command")

        @mine.error
        async def explain_it(self, ctx, error):
            await ctx.send("answered by the command")

        @app_commands.command()
        async def mineslash(self, interaction: discord_py.Interaction):
            """Fail."""
            raise Refusal("by the slash command")

        @mineslash.error
        async def explain_slash(self, interaction, error):
            await interaction.response.send_message("answered by the slash command")

    class Whole(BaseCog):
        @commands.hybrid_command()
        async def ours(self, ctx):
            """Fail."""
            raise Refusal("by the cog")

        async def cog_command_error(self, ctx, error):
            await ctx.send("answered by the cog")

        @app_commands.command()
        async def oursslash(self, interaction: discord_py.Interaction):
            """Fail."""
            raise Refusal("by the cog")

        async def cog_app_command_error(self, interaction, error):
            await interaction.response.send_message("answered by the cog")

    alice = discord.member("alice")
    async with added(bot, Own(bot), Whole(bot)):
        for reply in (await alice.says("!mine"), await alice.slash("mine")):
            assert reply.text == "answered by the command"
        assert (await alice.slash("mineslash")).text == "answered by the slash command"
        for reply in (await alice.says("!ours"), await alice.slash("ours"), await alice.slash("oursslash")):
            assert reply.text == "answered by the cog"


async def test_an_answer_that_discord_refuses_is_one_line_in_the_log(discord, failing):
    failing.error = Refusal("Closed.")
    discord.fail("POST", r"/channels/\d+/messages", times=1)
    with logged() as lines:
        reply = await discord.member("alice").says("!fail")
    assert reply.messages == []
    assert any("could not be answered" in line for line in lines)


async def test_a_listener_that_fails_is_logged_and_the_others_run(discord, bot):
    heard = []

    class Deaf(BaseCog):
        @commands.Cog.listener()
        async def on_message(self, message):
            raise ZeroDivisionError("listener")

    class Keen(BaseCog):
        @commands.Cog.listener()
        async def on_message(self, message):
            heard.append(message.content)

    async with added(bot, Deaf(bot), Keen(bot)):
        with logged(discord) as lines:
            await discord.member("alice").says("hello")
    assert heard == ["hello"]
    assert any("listener of on_message failed" in line and "ZeroDivisionError" in line for line in lines)


async def test_a_converter_that_refuses_in_a_slash_command_is_heard(discord, bot):
    class Picky(BaseCog):
        @app_commands.command()
        async def excerpt(self, interaction: discord_py.Interaction, name: app_commands.Transform[str, Snippet]):
            """Take an excerpt."""

    async with added(bot, Picky(bot)):
        reply = await discord.member("alice").slash("excerpt", name="x")
    assert "There is no excerpt x." in reply.text


async def test_get_db_finds_it_from_context_interaction_and_bot(discord, bot):
    found = []

    class Finder(BaseCog):
        @commands.hybrid_command()
        async def find(self, ctx):
            """Find the database."""
            found.extend([get_db(ctx), get_db(ctx.bot), get_db()])
            if ctx.interaction:
                found.append(get_db(ctx.interaction))
            await ctx.send("found")

    async with added(bot, Finder(bot)):
        await discord.member("alice").says("!find")
        await discord.member("alice").slash("find")
    assert len(found) == 7
    assert all(db is bot.db for db in found[:2])
    assert found[6] is bot.db


async def test_only_the_asker_may_press(discord, bot):
    class Asking(BaseCog):
        @commands.command()
        async def ask(self, ctx):
            await ctx.send(f"{await Confirm.ask(ctx, 'Sure?', 'Really?')}")

    async with added(bot, Asking(bot)):
        alice, bob = discord.member("alice"), discord.member("bob")
        asked = await alice.says("!ask")
        refused = await bob.clicks(asked, "Confirm")
        assert refused.is_ephemeral
        assert "belong to whoever asked" in refused.text
        assert "True" in (await alice.clicks(asked, "Confirm")).text
