from __future__ import annotations

import asyncio
from contextlib import contextmanager
from datetime import timedelta

import pytest

from tux.errors import UserError
from tux.offline.audit import Doer
from tux.offline.building import add_channel, add_role
from tux.offline.cast import build_cast
from tux.offline.happenings import InteractionFailed, ModalOpened, RequestRefused
from tux.offline.members import add_member, ban_user, change_member, kick_member, remove_member, unban_user
from tux.offline.messages import Draft, post_message
from tux.offline.state import Interaction
from tux.offline.transcript import Transcript


def button(label, custom_id=None):
    return {"type": 2, "style": 1, "label": label, "custom_id": custom_id or label}


def row(*components):
    return {"type": 1, "components": list(components)}


class Scene:
    """The cast, and a transcript that writes into a list."""

    def __init__(self):
        self.cast = build_cast()
        self.world, self.guild = self.cast.world, self.cast.guild
        self.lines = []
        self.transcript = Transcript(self.cast, lambda line: self.lines.append(line.plain), width=80, dates=False)
        self.world.watchers.append(self.transcript.watch)

    def user(self, name):
        return next(user for user in self.world.users.values() if user["username"] == name)

    def member(self, name):
        return self.guild.members[self.user(name)["id"]]

    def channel(self, name):
        return next(channel for channel in self.guild.channels.values() if channel.data["name"] == name)

    def post(self, channel="general", author="Tux", only_for=None, **body):
        place = channel if not isinstance(channel, str) else self.channel(channel)
        return post_message(self.world, place, Draft(self.user(author), body, only_for=only_for))

    async def told(self):
        await asyncio.sleep(0)
        lines, self.lines[:] = self.lines[:], []
        return lines


@pytest.fixture
async def scene():
    return Scene()


async def test_a_message_of_the_bot_is_shown_with_its_place_unless_that_is_here(scene):
    scene.post(content="hello")
    scene.post("mod-log", embeds=[{"title": "Case"}])
    scene.post(scene.world.private_channel(scene.user("bob")["id"]), content="hi")
    assert await scene.told() == [
        "  Tux: hello",
        "  #mod-log · Tux:",
        "    ╭─ Case",
        "    ╰─",
        "  DM to bob · Tux: hi",
    ]


async def test_room_is_made_only_for_what_comes_outside_of_a_turn(scene):
    @contextmanager
    def aside():
        scene.lines.append("(")
        yield
        scene.lines.append(")")

    scene.transcript.aside = aside
    scene.post(content="news")
    assert await scene.told() == ["(", "  Tux: news", ")"]
    with scene.transcript.turn():
        scene.post(content="an answer")
    assert await scene.told() == ["  Tux: an answer"]
    scene.post(content="just before a turn")
    with scene.transcript.turn():
        await asyncio.sleep(0)
    assert await scene.told() == ["  Tux: just before a turn"]


async def test_what_people_say_is_not_repeated(scene):
    scene.post(author="alice", content="hello")
    assert await scene.told() == []


async def test_an_ephemeral_message_says_who_sees_it(scene):
    scene.post(content="psst", only_for=scene.user("alice")["id"])
    scene.post(content="psst", only_for=scene.user("bob")["id"])
    assert await scene.told() == ["  Tux (only you can see this): psst", "  Tux (only @bob can see this): psst"]


async def test_a_long_first_line_stands_below_the_name(scene):
    scene.post(content="word " * 30)
    lines = await scene.told()
    assert lines[0] == "  Tux:"
    assert all(line.startswith("    word") for line in lines[1:])
    assert max(map(len, lines)) <= 80


async def test_kick_ban_unban_and_leaving_are_told_apart(scene):
    bob, carol = scene.user("bob")["id"], scene.user("carol")["id"]
    kick_member(scene.world, scene.guild, bob, Doer(reason=f"alice ({scene.user('alice')['id']}): spam"))
    assert await scene.told() == ["  · bob was kicked (reason: alice: spam)"]
    ban_user(scene.world, scene.guild, carol)
    unban_user(scene.world, scene.guild, carol, Doer(reason="sorry"))
    assert await scene.told() == ["  · carol was banned", "  · carol was unbanned (reason: sorry)"]
    add_member(scene.world, scene.guild, scene.user("bob"), [])
    remove_member(scene.world, scene.guild, bob)
    assert await scene.told() == ["  · bob joined the server", "  · bob left the server"]


async def test_each_change_of_a_member_is_one_sentence(scene):
    role = add_role(scene.world, scene.guild, "Level 1")
    until = (scene.world.now() + timedelta(minutes=10)).isoformat()
    bob = scene.member("bob")
    await scene.told()
    change_member(
        scene.world, scene.guild, bob, {"nick": "Bobby", "roles": [role["id"]], "communication_disabled_until": until}
    )
    assert await scene.told() == [
        "  · bob is now called Bobby",
        "  · bob got the role @Level 1",
        "  · bob is timed out, which ends in 10 minutes",
    ]
    change_member(scene.world, scene.guild, bob, {"nick": None, "roles": [], "communication_disabled_until": None})
    assert await scene.told() == [
        "  · bob lost the nickname",
        "  · bob lost the role @Level 1",
        "  · bob is no longer timed out",
    ]


async def test_new_channels_and_roles_are_told(scene):
    add_channel(scene.world, scene.guild, "games")
    add_role(scene.world, scene.guild, "Players")
    assert await scene.told() == ["  · channel #games was opened", "  · role @Players was opened"]


async def test_a_request_that_discord_refused_is_told_but_not_a_question_for_what_is_not_there(scene):
    bob = scene.user("bob")["id"]
    path = f"/guilds/{scene.guild.id}/bans/{bob}"
    scene.world.tell(RequestRefused("GET", path, 404, {"message": "Unknown Ban"}))
    scene.world.tell(RequestRefused("PUT", path, 403, {"message": "Missing Permissions"}))
    assert await scene.told() == ["  ! Discord refused PUT /guilds/<server>/bans/@bob: Missing Permissions"]


async def test_a_form_and_a_missing_answer_are_shown(scene):
    interaction = Interaction("1", "t", 2, scene.user("bob"), scene.channel("general"), scene.world.now())
    interaction.modal = {"title": "Edit", "components": [row({"type": 4, "custom_id": "r", "label": "Reason"})]}
    scene.world.tell(ModalOpened(interaction))
    scene.world.tell(InteractionFailed(interaction))
    assert await scene.told() == [
        "    ╭─ Edit",
        "    │ 1. Reason",
        "    ╰─ answer with :fill first|second|…",
        "  ! The application did not respond",
    ]
    assert scene.transcript.form is interaction


async def test_numbers_of_buttons_start_again_with_each_turn_that_shows_some(scene):
    buttons = scene.transcript.buttons
    first = scene.post(content="a", components=[row(button("Yes"), button("No"))])
    scene.post(content="b", components=[row(button("Maybe"))])
    assert [line for line in await scene.told() if "[" in line] == ["    [1] Yes  [2] No", "    [3] Maybe"]
    assert buttons.find("2")[0] is first
    buttons.next_turn()
    assert buttons.find("maybe")[1]["label"] == "Maybe"
    scene.post(content="c", components=[row(button("Next"))])
    await scene.told()
    assert buttons.find("1")[1]["label"] == "Next"
    with pytest.raises(UserError, match=r"there is no button 2 now; there is \[1\] Next"):
        buttons.find("2")


async def test_a_button_is_found_by_label_and_a_select_is_no_button(scene):
    select = {"type": 3, "custom_id": "s", "placeholder": "Kind", "options": [{"label": "Ban", "value": "b"}]}
    scene.post(content="a", components=[row(button("Confirm")), row(select)])
    await scene.told()
    assert scene.transcript.buttons.find("conf")[1]["custom_id"] == "Confirm"
    assert scene.transcript.buttons.find("2", select=True)[1]["custom_id"] == "s"
    with pytest.raises(UserError, match=r"there is no button 2 now; there is \[1\] Confirm"):
        scene.transcript.buttons.find("2")


async def test_without_buttons_the_refusal_says_so(scene):
    with pytest.raises(UserError, match="there is no select 1 now; none is shown"):
        scene.transcript.buttons.find("1", select=True)


async def test_people_channels_and_roles_have_the_same_ids_in_every_world(scene):
    other = build_cast()
    assert list(other.world.users) == list(scene.world.users)
    assert list(other.guild.roles) == list(scene.guild.roles)
    assert list(other.guild.channels) == list(scene.guild.channels)
    assert int(scene.post(content="x").id) > max(map(int, scene.world.users))
