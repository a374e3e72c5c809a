"""What a person sees: messages as they are shown, and all that a bot did in answer to one action."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Self

from discord import ComponentType

from tux.offline.contents import SELECTS, walk
from tux.offline.happenings import MessageDeleted, MessageEdited, MessageSent
from tux.offline.messages import ROLE_MENTION, USER_MENTION
from tux.offline.permissions import can_see
from tux.offline.shapes import Json, items_of, part_of

if TYPE_CHECKING:
    from tux.offline.happenings import Happening
    from tux.offline.state import Interaction, Message
    from tux.offline.world import World

CHANNEL_MENTION = re.compile(r"<#(\d+)>")
TEXT_DISPLAY = ComponentType.text_display.value
DID_NOT_RESPOND = "The application did not respond"


def with_names(world: World, text: str) -> str:
    """Return a text with its mentions as a person reads them: @alice, #general, @Mods."""
    roles = {key: role["name"] for guild in world.guilds.values() for key, role in guild.roles.items()}

    def user(match: re.Match[str]) -> str:
        found = world.users.get(match[1])
        return f"@{found['username']}" if found is not None else match[0]

    def channel(match: re.Match[str]) -> str:
        found = world.channels.get(match[1])
        return f"#{found.data['name']}" if found is not None and "name" in found.data else match[0]

    text = USER_MENTION.sub(user, CHANNEL_MENTION.sub(channel, text))
    return ROLE_MENTION.sub(lambda match: f"@{roles[match[1]]}" if match[1] in roles else match[0], text)


def embed_text(embed: Json) -> str:
    """Return the words of an embed, one line for each part."""
    lines: list[str | None] = [part_of(embed, "author").get("name"), embed.get("title"), embed.get("description")]
    lines += [f"{entry['name']}: {entry['value']}" for entry in items_of(embed, "fields")]
    lines.append(part_of(embed, "footer").get("text"))
    return "\n".join(line for line in lines if line)


class SeenMessage:
    """A message as it stands now; it follows later edits."""

    def __init__(self, world: World, message: Message) -> None:
        self.world = world
        self.state = message

    def __repr__(self) -> str:
        return f"<{self.author_name} in {self.channel_name}: {self.text!r}>"

    @property
    def id(self) -> int:
        """The message's snowflake."""
        return int(self.state.id)

    @property
    def data(self) -> Json:
        """The message as Discord's API has it."""
        return self.state.data

    @property
    def content(self) -> str:
        """The content as it was sent, mentions as `<@id>`."""
        return str(self.data["content"])

    @property
    def embeds(self) -> list[Json]:
        """The embeds."""
        return items_of(self.data, "embeds")

    @property
    def text(self) -> str:
        """All words of the message, embeds and displayed texts included, mentions as names."""
        shown = [item["content"] for item in walk(items_of(self.data, "components")) if item["type"] == TEXT_DISPLAY]
        parts = [self.content, *map(embed_text, self.embeds), *shown]
        return with_names(self.world, "\n".join(part for part in parts if part))

    @property
    def author_name(self) -> str:
        """Who wrote it."""
        return str(self.data["author"]["username"])

    @property
    def channel_id(self) -> int:
        """The channel's snowflake."""
        return int(self.state.channel.id)

    @property
    def channel_name(self) -> str:
        """`#general`, or `DM with alice`."""
        data = self.state.channel.data
        return f"#{data['name']}" if "name" in data else f"DM with {data['recipients'][0]['username']}"

    @property
    def is_ephemeral(self) -> bool:
        """Whether only one person sees it."""
        return self.state.only_for is not None

    @property
    def is_private(self) -> bool:
        """Whether it is a direct message."""
        return self.state.channel.guild is None

    @property
    def is_edited(self) -> bool:
        """Whether it was edited."""
        return self.data["edited_timestamp"] is not None

    @property
    def is_deleted(self) -> bool:
        """Whether it is gone."""
        return self.state.id not in self.state.channel.messages

    @property
    def components(self) -> list[Json]:
        """All buttons and select menus, in order."""
        kinds = SELECTS | {ComponentType.button.value}
        return [item for item in walk(items_of(self.data, "components")) if item["type"] in kinds]

    @property
    def buttons(self) -> list[str]:
        """The labels of the buttons that can be clicked."""
        return [label_of(item) for item in self.components if item["type"] not in SELECTS and not item.get("disabled")]

    @property
    def reactions(self) -> dict[str, int]:
        """How often each emoji was chosen."""
        return {str(item.emoji["name"]): len(item.users) for item in self.state.reactions.values()}

    @property
    def attachments(self) -> dict[str, bytes]:
        """The attached files by name."""
        contents = dict(self.world.assets)
        found = items_of(self.data, "attachments")
        return {item["filename"]: contents.get("/" + item["url"].split("/", 3)[3], b"") for item in found}


def label_of(component: Json) -> str:
    """Return what is written on a button or select menu, its emoji when nothing is."""
    emoji = part_of(component, "emoji").get("name")
    return str(component.get("label") or component.get("placeholder") or emoji or component.get("custom_id"))


@dataclass(slots=True)
class Reply:
    """All that the bot did, as far as one person can see it, until it came to rest.

    Attributes:
        messages: what it sent, in order: in channels, ephemeral and by direct message.
        edited: messages from before that it changed; deleted: those that it removed.
        failure: what Discord shows when the bot did not answer an interaction, else None.
    """

    world: World
    messages: list[SeenMessage] = field(default_factory=list[SeenMessage])
    edited: list[SeenMessage] = field(default_factory=list[SeenMessage])
    deleted: list[SeenMessage] = field(default_factory=list[SeenMessage])
    interaction: Interaction | None = None
    failure: str | None = None

    @property
    def text(self) -> str:
        """The words of all messages, sent ones first, then edited ones."""
        return "\n".join(message.text for message in (*self.messages, *self.edited))

    @property
    def embeds(self) -> list[Json]:
        """The embeds of all messages."""
        return [embed for message in (*self.messages, *self.edited) for embed in message.embeds]

    @property
    def buttons(self) -> list[str]:
        """The labels of all buttons that can be clicked."""
        return [label for message in (*self.messages, *self.edited) for label in message.buttons]

    @property
    def last(self) -> SeenMessage:
        """The last message sent, else the last edited.

        Raises:
            LookupError: the bot said nothing.
        """
        for messages in (self.messages, self.edited):
            if messages:
                return messages[-1]
        raise LookupError(self.failure or "the bot said nothing")

    @property
    def is_ephemeral(self) -> bool:
        """Whether there is an answer and only the person who acted sees it."""
        return bool(self.messages) and all(message.is_ephemeral for message in self.messages)

    @property
    def private(self) -> list[SeenMessage]:
        """The direct messages among the answers."""
        return [message for message in self.messages if message.is_private]

    @property
    def modal(self) -> Json | None:
        """The form that the bot opened, else None."""
        return self.interaction.modal if self.interaction is not None else None

    @property
    def choices(self) -> list[Json]:
        """What the bot proposed to complete an option."""
        return (self.interaction.choices if self.interaction is not None else None) or []


class Recorder:
    """Writes down what happens between two moments."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.happenings: list[Happening] = []

    def __enter__(self) -> Self:
        self.world.watchers.append(self.happenings.append)
        return self

    def __exit__(self, *_: object) -> None:
        self.world.watchers.remove(self.happenings.append)

    def reply_for(self, user_id: str, interaction: Interaction | None = None) -> Reply:
        """Return what a person saw of it."""
        reply = Reply(self.world, interaction=interaction)
        for happening in self.happenings:
            match happening:
                case MessageSent(message) if self._concerns(message, user_id):
                    reply.messages.append(SeenMessage(self.world, message))
                case MessageEdited(message) if self._concerns(message, user_id):
                    if all(seen.state is not message for seen in (*reply.messages, *reply.edited)):
                        reply.edited.append(SeenMessage(self.world, message))
                case MessageDeleted(message) if can_see(self.world, message.channel, user_id):
                    reply.deleted.append(SeenMessage(self.world, message))
                case _:
                    continue
        if interaction is not None and interaction.acked is None:
            reply.failure = DID_NOT_RESPOND
        return reply

    def _concerns(self, message: Message, user_id: str) -> bool:
        if not message.data["author"]["bot"]:
            return False
        if message.only_for is not None:
            return message.only_for == user_id
        return can_see(self.world, message.channel, user_id)
