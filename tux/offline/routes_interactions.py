"""Answers to interactions: the first one, and the followups through the interaction's token."""

from __future__ import annotations

from typing import TYPE_CHECKING

from discord import InteractionResponseType as Answer

from tux.offline.contents import check_modal
from tux.offline.happenings import ModalOpened
from tux.offline.interactions import answer_message, answered, callback_json, unanswered
from tux.offline.limits import Form, invalid
from tux.offline.messages import delete_message, edit_message, message_json
from tux.offline.refusals import refuse, unknown
from tux.offline.routing import Call, Routes
from tux.offline.shapes import Json, items_of, part_of
from tux.offline.state import EPHEMERAL

if TYPE_CHECKING:
    from tux.offline.state import Interaction, Message
    from tux.offline.world import World

CHOICES = 25
CHOICE_LENGTH = 100
ORIGINAL = "@original"
routes = Routes()


@routes.add("POST", "/interactions/{interaction}/{token}/callback", open_to_all=True)
def answer(call: Call) -> object:
    """Take the one first answer of an interaction."""
    interaction = unanswered(call.world, call.params["token"])
    kind, data = int(call.body.get("type") or 0), part_of(call.body, "data")
    _check_kind(interaction, kind)
    message: Message | None = None
    if kind == Answer.channel_message.value:
        message = interaction.original = answer_message(call.world, interaction, data, call.files)
    elif kind == Answer.message_update.value and interaction.message is not None:
        message = interaction.original = interaction.message
        edit_message(call.world, message, data, call.files)
    elif kind == Answer.deferred_message_update.value:
        interaction.original = interaction.message
    elif kind == Answer.autocomplete_result.value:
        interaction.choices = _checked_choices(data)
    elif kind == Answer.modal.value:
        check_modal(data)
        interaction.modal = data
    interaction.ephemeral = bool((data.get("flags") or 0) & EPHEMERAL)
    interaction.acked = kind
    if interaction.modal is not None:
        call.world.tell(ModalOpened(interaction))
    if call.query.get("with_response") not in {"1", "true"}:
        return None
    return callback_json(call.world, interaction, message)


_COMMAND = frozenset({Answer.channel_message.value, Answer.deferred_channel_message.value, Answer.modal.value})
_COMPONENT = _COMMAND | {Answer.deferred_message_update.value, Answer.message_update.value}
_ALLOWED = {
    2: _COMMAND,
    3: _COMPONENT,
    4: frozenset({Answer.autocomplete_result.value}),
    5: _COMPONENT - {Answer.modal.value},
}


def _check_kind(interaction: Interaction, kind: int) -> None:
    needs_message = kind in {Answer.deferred_message_update.value, Answer.message_update.value}
    if kind not in _ALLOWED[interaction.kind] or (needs_message and interaction.message is None):
        raise invalid("type", "INTERACTION_CALLBACK_TYPE_INVALID", f"Type {kind} does not answer this interaction.")


def _checked_choices(data: Json) -> list[Json]:
    choices = items_of(data, "choices")
    form = Form()
    form.length(("data", "choices"), choices, CHOICES)
    for index, choice in enumerate(choices):
        form.length(("data", "choices", index, "name"), choice.get("name"), CHOICE_LENGTH, 1)
        if isinstance(choice.get("value"), str):
            form.length(("data", "choices", index, "value"), choice["value"], CHOICE_LENGTH)
    form.refuse()
    return choices


def follow_up(call: Call) -> object:
    """Send a followup; the first one after a deferral takes its place."""
    world, interaction = call.world, answered(call.world, call.params["token"])
    if interaction.original is None and interaction.acked == Answer.deferred_channel_message.value:
        return message_json(world, _fulfil(world, interaction, call))
    return message_json(world, answer_message(world, interaction, call.body, call.files))


def _fulfil(world: World, interaction: Interaction, call: Call) -> Message:
    flags = (call.body.get("flags") or 0) & ~EPHEMERAL
    body = call.body | {"flags": flags | (EPHEMERAL if interaction.ephemeral else 0)}
    message = interaction.original = answer_message(world, interaction, body, call.files)
    return message


def _followup(call: Call) -> tuple[Interaction, Message]:
    interaction = answered(call.world, call.params["token"])
    if call.params["message"] != ORIGINAL:
        return interaction, call.world.message(interaction.channel, call.params["message"])
    original = interaction.original
    if original is None or original.id not in original.channel.messages:
        raise unknown("Message")
    return interaction, original


def get_answer(call: Call) -> object:
    """Return an answer that was sent."""
    return message_json(call.world, _followup(call)[1])


def edit_answer(call: Call) -> object:
    """Edit an answer; editing the original of a deferral sends it."""
    interaction = answered(call.world, call.params["token"])
    is_loading = interaction.original is None and interaction.acked == Answer.deferred_channel_message.value
    if is_loading and call.params["message"] == ORIGINAL:
        return message_json(call.world, _fulfil(call.world, interaction, call))
    message = _followup(call)[1]
    if message.author_id != call.world.bot["id"]:
        raise refuse(403, 50005, "Cannot edit a message authored by another user")
    edit_message(call.world, message, call.body, call.files)
    return message_json(call.world, message)


def delete_answer(call: Call) -> object:
    """Delete an answer."""
    delete_message(call.world, _followup(call)[1])
    return None
