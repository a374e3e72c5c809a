from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from plugins.starboard import Board
from plugins.starboard.cog.keeper import Keeper
from tux.clock import now
from tux.offline.building import drop_channel
from tux.offline.happenings import MessageSent
from tux.offline.messages import add_reaction, delete_message, parse_emoji
from tux.offline.places import ChannelHandle
from tux.offline.routes_emojis import add_emoji
from tux.testing import at, max_queries

STAR = "⭐"


@pytest.fixture
def general(discord):
    return discord.guild.channel("general")


@pytest.fixture
async def board(discord, db):
    channel = discord.guild.channel("best-of")
    await db.starboard.create_or_update_starboard(discord.guild.id, channel_id=channel.id, threshold=2)
    return channel


@pytest.fixture
def author(discord):
    return discord.member("author")


@pytest.fixture
def fans(discord):
    return [discord.member(f"fan{number}") for number in range(5)]


@pytest.fixture
async def said(author, general):
    await author.says("something wise")
    return general.last


async def row_of(db, message):
    return await db.starboard_message.get_message_by_original(message.id)


async def stars(fans, message, count=2, emoji=STAR):
    for fan in fans[:count]:
        await fan.reacts(message, emoji)


async def test_enough_stars_bring_a_message_onto_the_board_once(discord, db, board, fans, said):
    await stars(fans, said, 1)
    assert board.messages == []
    await stars(fans, said, 5)
    [post] = board.messages
    assert post.content.startswith("⭐ **5** in <#")
    assert "something wise" in post.text
    assert "author" in post.text
    assert f"/channels/{discord.guild.id}/{said.channel_id}/{said.id}" in post.text
    assert (await row_of(db, said)).starboard_message_id == post.id


async def test_the_authors_own_star_and_those_of_bots_do_not_count(discord, db, board, author, fans, said):  # noqa: PLR0917 - fixtures
    await author.reacts(said, STAR)
    await stars(fans, said, 1)
    add_reaction(discord.world, said.state, parse_emoji(discord.world, STAR), discord.world.bot)
    await discord.settle()
    assert board.messages == []
    await stars(fans, said, 2)
    assert "**2**" in board.last.content


async def test_super_reactions_are_stars_as_well(board, author, fans, said):
    await author.reacts(said, STAR, burst=True)
    await fans[0].reacts(said, STAR, burst=True)
    assert board.messages == []
    await fans[1].reacts(said, STAR)
    await fans[2].reacts(said, STAR, burst=True)
    assert "**3**" in board.last.content
    await fans[0].unreacts(said, STAR)
    assert "**2**" in board.last.content


async def test_another_emoji_costs_no_statement_nor_request(discord, board, fans, said):
    await fans[0].says("hello")
    discord.requests.clear()
    with max_queries(0):
        await stars(fans, said, 3, "🌟")
    assert list(discord.requests) == []


async def test_a_guild_without_a_board_spends_nothing(discord, author, fans, said):
    await fans[0].says("hello")
    discord.requests.clear()
    with max_queries(0):
        await stars(fans, said, 3)
        await author.edits(said, "something wiser")
        await author.deletes(said)
    assert list(discord.requests) == []


async def test_a_star_below_the_threshold_costs_one_statement(board, fans, said):
    await fans[0].says("hello")
    with max_queries(1):
        await fans[0].reacts(said, STAR)


async def test_stars_that_are_taken_back_are_followed_down_to_the_posts_end(db, board, fans, said):
    await stars(fans, said, 3)
    await fans[0].unreacts(said, STAR)
    assert "**2**" in board.last.content
    await fans[1].unreacts(said, STAR)
    assert board.messages == []
    assert (await row_of(db, said)).starboard_message_id is None
    await fans[1].reacts(said, STAR)
    assert "**2**" in board.last.content


@pytest.mark.parametrize("path", ["", "/%E2%AD%90"])
async def test_stars_that_a_moderator_clears_take_the_post_down(discord, bot, board, general, fans, said, path):  # noqa: PLR0917 - fixtures
    await stars(fans, said)
    message = bot.get_partial_messageable(general.id).get_partial_message(said.id)
    await (message.clear_reaction(STAR) if path else message.clear_reactions())
    await discord.settle()
    assert board.messages == []


async def test_rapid_stars_make_one_post_with_the_last_count_in_few_looks(discord, board, fans, said):
    emoji = parse_emoji(discord.world, STAR)
    discord.requests.clear()
    for fan in fans:
        add_reaction(discord.world, said.state, emoji, fan.user)
    await discord.settle()
    [post] = board.messages
    assert "**5**" in post.content
    assert sum(each.method == "GET" and each.path.endswith(str(said.id)) for each in discord.requests) <= 3


async def test_a_star_that_comes_while_the_message_is_posted_counts(discord, board, fans, said):
    def star(happening):
        if isinstance(happening, MessageSent) and len(board.messages) == 1:
            add_reaction(discord.world, said.state, parse_emoji(discord.world, STAR), fans[2].user)

    end = discord.watch(star)
    await stars(fans, said, 2)
    end()
    assert "**3**" in board.last.content


async def test_two_processes_make_one_post_with_the_right_count(discord, db, bot, board, general, fans, said):  # noqa: PLR0917 - fixtures
    for fan in fans:
        add_reaction(discord.world, said.state, parse_emoji(discord.world, STAR), fan.user)
    keepers = [Keeper(bot) for _ in range(4)]
    await asyncio.gather(*(keeper.refresh(discord.guild.id, general.id, said.id) for keeper in keepers))
    await discord.settle()
    [post] = board.messages
    assert "**5**" in post.content


async def test_a_count_that_changed_while_it_was_posted_is_put_right(discord, db, bot, board, general, fans, said):  # noqa: PLR0917 - fixtures
    place = {"guild_id": discord.guild.id, "channel_id": general.id, "message_id": said.id, "author_id": 1}
    first = await db.starboard_message.note_stars(**place, count=2)
    assert (await db.starboard_message.note_stars(**place, count=4)).claim is None
    keeper = bot.get_cog("Starboard").keeper
    message = await bot.get_partial_messageable(general.id).fetch_message(said.id)
    await keeper._post(Board(board.id, STAR, 2), message, first.message, first.claim)
    await discord.settle()
    assert "**4**" in board.last.content


async def test_an_edit_of_the_message_is_followed(author, board, fans, said):
    await stars(fans, said)
    await author.edits(said, "something wiser")
    assert "something wiser" in board.last.text


async def test_an_edit_of_a_message_without_stars_costs_nothing(author, board, said):
    with max_queries(0):
        await author.edits(said, "something else")


async def test_a_deleted_message_takes_its_post_along(db, author, board, fans, said):
    await stars(fans, said)
    await author.deletes(said)
    assert board.messages == []
    assert await row_of(db, said) is None


async def test_messages_deleted_together_take_their_posts_along(discord, db, bot, author, board, general, fans):  # noqa: PLR0917 - fixtures
    for text in ("one", "two"):
        await author.says(text)
        await stars(fans, general.last)
    both = general.messages[-2:]
    assert len(board.messages) == 2
    channel = bot.get_channel(general.id)
    await channel.delete_messages([channel.get_partial_message(each.id) for each in both])
    await discord.settle()
    assert board.messages == []
    assert await db.starboard_message.count() == 0


async def test_a_deleted_post_comes_again_with_the_next_star_only(discord, db, board, fans, said):
    await stars(fans, said)
    await discord.owner.deletes(board.last)
    assert (await row_of(db, said)).starboard_message_id is None
    assert board.messages == []
    await fans[3].reacts(said, STAR)
    assert "**3**" in board.last.content


async def test_a_post_that_went_unseen_is_posted_anew(discord, db, board, fans, said):
    await stars(fans, said)
    delete_message(discord.world, board.last.state)
    await discord.settle()
    await db.starboard_message.update_where(
        {"original_message_id": said.id}, {"starboard_message_id": 123, "starboard_channel_id": board.id}
    )
    await fans[3].reacts(said, STAR)
    assert board.messages == []
    await fans[4].reacts(said, STAR)
    assert "**4**" in board.last.content


async def test_a_message_that_vanishes_while_it_is_posted_leaves_no_post(discord, db, bot, board, general, said):  # noqa: PLR0917 - fixtures
    place = {"guild_id": discord.guild.id, "channel_id": general.id, "message_id": said.id, "author_id": 1}
    noted = await db.starboard_message.note_stars(**place, count=2)
    message = await bot.get_partial_messageable(general.id).fetch_message(said.id)
    await db.starboard_message.forget_messages(discord.guild.id, [said.id])
    await bot.get_cog("Starboard").keeper._post(Board(board.id, STAR, 2), message, noted.message, noted.claim)
    await discord.settle()
    assert board.messages == []


async def test_the_channel_of_the_board_that_is_deleted_ends_the_board(discord, db, board, fans, said):
    await stars(fans, said)
    drop_channel(discord.world, board.state)
    await discord.settle()
    assert await db.starboard.get_starboard_by_guild(discord.guild.id) is None
    new = discord.guild.channel("new-best-of")
    await discord.owner.slash("starboard setup", channel=new, threshold=2)
    assert "**2**" in new.last.content


async def test_the_posts_of_a_deleted_channel_go_with_it(discord, db, author, board, fans):
    place = discord.guild.channel("short-lived")
    await author.says("gone soon", place)
    await stars(fans, place.last)
    assert len(board.messages) == 1
    drop_channel(discord.world, place.state)
    await discord.settle()
    assert board.messages == []
    assert await db.starboard_message.count() == 0


async def test_the_posts_of_a_deleted_thread_go_with_it(discord, db, author, board, fans, general):  # noqa: PLR0917 - fixtures
    thread = await discord.bot.get_channel(general.id).create_thread(name="short-lived")
    place = ChannelHandle(discord.world, discord.world.channels[str(thread.id)])
    await author.says("gone soon", place)
    await stars(fans, place.last)
    assert len(board.messages) == 1
    await thread.delete()
    await discord.settle()
    assert board.messages == []
    assert await db.starboard_message.count() == 0


async def test_nothing_of_an_age_restricted_channel_comes_onto_an_open_board(discord, author, board, fans):
    place = discord.guild.channel("adults")
    place.state.data["nsfw"] = True
    discord.world.emit("CHANNEL_UPDATE", place.state.data, channel=place.state)
    await author.says("naughty", place)
    await stars(fans, place.last)
    assert board.messages == []
    board.state.data["nsfw"] = True
    discord.world.emit("CHANNEL_UPDATE", board.state.data, channel=board.state)
    await stars(fans, place.last, 3)
    assert len(board.messages) == 1


async def test_a_channel_that_became_age_restricted_takes_its_posts_down(discord, board, general, fans, said):
    await stars(fans, said)
    assert len(board.messages) == 1
    general.state.data["nsfw"] = True
    discord.world.emit("CHANNEL_UPDATE", general.state.data, channel=general.state)
    await fans[2].reacts(said, STAR)
    assert board.messages == []
    general.state.data["nsfw"] = False
    discord.world.emit("CHANNEL_UPDATE", general.state.data, channel=general.state)
    await fans[3].reacts(said, STAR)
    assert "**4**" in board.last.content


async def test_stars_on_the_board_itself_bring_nothing(board, fans, said):
    await stars(fans, said)
    await stars(fans, board.last, 5)
    assert len(board.messages) == 1


async def test_the_first_picture_is_shown(discord, author, board, general, fans):
    await author.says("look", files={"cat.png": b"1", "text.txt": b"2"})
    await stars(fans, general.last)
    embed = board.last.embeds[0]
    assert "text.txt" in str(embed["fields"])


async def test_a_starred_message_pings_nobody(discord, author, board, general, fans):
    await author.says("@fan0 hello")
    await stars(fans, general.last)
    assert board.last.data["mentions"] == []


@pytest.mark.parametrize("animated", [False, True])
async def test_a_custom_emoji_of_the_server_counts(discord, db, board, fans, said, animated):  # noqa: PLR0917 - fixtures
    emoji = add_emoji(discord.world, discord.guild.state, "duck")
    emoji["animated"] = animated
    discord.world.emit(
        "GUILD_EMOJIS_UPDATE", {"guild_id": discord.guild.state.id, "emojis": [emoji]}, guild=discord.guild.state
    )
    await discord.settle()
    text = f"<{'a' if animated else ''}:duck:{emoji['id']}>"
    assert text in (await discord.owner.slash("starboard setup", channel=board, emoji=text)).text
    await stars(fans, said, 2, text)
    assert text in board.last.content


@pytest.mark.parametrize("emoji", ["star", "<:duck:123456789012345678>"])
async def test_what_is_no_emoji_or_not_seen_is_refused(discord, db, board, emoji):
    reply = await discord.owner.slash("starboard setup", channel=board, emoji=emoji)
    assert "emoji" in reply.text
    assert reply.is_ephemeral
    assert (await db.starboard.get_starboard_by_guild(discord.guild.id)).emoji == STAR


async def test_the_board_is_set_up_changed_and_removed_by_slash_and_prefix(discord, db, fans, said):
    channel = discord.guild.channel("best-of")
    assert "no starboard" in (await discord.owner.slash("/starboard remove")).text
    assert "3 ⭐" in (await discord.owner.says("!starboard setup #best-of")).text
    assert "4 🌟" in (await discord.owner.says("!starboard setup #best-of 🌟 4")).text
    assert "2 🌟" in (await discord.owner.slash("starboard threshold", threshold=2)).text
    await stars(fans, said, 2, "🌟")
    assert len(channel.messages) == 1
    assert "removed" in (await discord.owner.says("!starboard remove")).text
    await stars(fans, said, 4, "🌟")
    assert "**2**" in channel.last.content


async def test_a_threshold_is_refused_without_a_board_or_below_one(discord, board):
    assert "1" in (await discord.owner.says("!starboard threshold 0")).text
    await discord.owner.says("!starboard remove")
    assert "no starboard" in (await discord.owner.slash("starboard threshold", threshold=2)).text


async def test_a_changed_threshold_is_followed_both_ways(discord, db, board, general, author, fans):  # noqa: PLR0917 - fixtures
    for count, text in ((2, "two"), (3, "three"), (5, "five")):
        await author.says(text)
        await stars(fans, general.last, count)
    assert len(board.messages) == 3
    await discord.owner.slash("starboard threshold", threshold=4)
    assert [post.embeds[0]["description"] for post in board.messages] == ["five"]
    await discord.owner.says("!starboard threshold 3")
    assert sorted(post.embeds[0]["description"] for post in board.messages) == ["five", "three"]


async def test_a_message_that_never_had_enough_stars_comes_with_the_next_after_a_lower_threshold(
    discord, db, board, fans, said
):
    await discord.owner.says("!starboard threshold 3")
    await stars(fans, said, 2)
    await discord.owner.says("!starboard threshold 2")
    assert board.messages == []
    await stars(fans[2:], said, 1)
    assert "**3**" in board.last.content


async def test_a_star_after_its_authors_data_were_deleted_finds_the_post_again(  # noqa: PLR0917 - fixtures
    discord, db, board, author, fans, said
):
    await stars(fans, said, 2)
    [post] = board.messages
    await author.clicks(await author.says("!mydata delete"), "Delete my data")
    assert await row_of(db, said) is None
    with at(now() + timedelta(minutes=2)):
        await stars(fans[2:], said, 1)
    assert [each.id for each in board.messages] == [post.id]
    assert "**3**" in board.last.content
    await author.deletes(said)
    assert board.messages == []


async def test_a_channel_that_is_closed_to_the_bot_is_refused(discord, db):
    channel = discord.guild.channel("closed")
    channel.overwrite(discord.guild.id, deny=["send_messages"])
    await discord.settle()
    assert "write in it" in (await discord.owner.slash("starboard setup", channel=channel)).text
    assert await db.starboard.count() == 0


async def test_a_post_that_discord_refuses_is_tried_again_with_the_next_star(discord, db, board, fans, said):
    failure = discord.fail("POST", rf"/channels/{board.id}/messages")
    await stars(fans, said)
    assert board.messages == []
    failure.times = 0
    await fans[2].reacts(said, STAR)
    assert "**3**" in board.last.content


async def test_members_cannot_change_the_board(discord, db, board, fans):
    for line in ("/starboard remove", "/starboard threshold 1"):
        assert "rank 7" in (await fans[0].slash(line)).text
    assert "rank 7" in (await fans[0].says("!starboard setup #general")).text
    assert (await db.starboard.get_starboard_by_guild(discord.guild.id)).threshold == 2


async def test_the_board_and_its_numbers_are_shown(discord, db, board, author, fans, said):  # noqa: PLR0917 - fixtures
    await stars(fans, said, 3)
    for reply in (await fans[0].slash("/starboard show"), await fans[0].says("!starboard")):
        assert "2 ⭐" in reply.text
        assert "Shown: 1" in reply.text
        assert "Stars: 3" in reply.text
        assert "Most starred: @author" in reply.text


async def test_the_top_list_is_paged(discord, db, board, fans):
    assert "No message" in (await fans[0].slash("/starboard top")).text
    for number in range(11):
        await db.starboard_message.note_stars(
            guild_id=discord.guild.id, channel_id=1, message_id=1000 + number, author_id=9, count=20 - number
        )
    reply = await fans[0].says("!starboard top")
    assert "1. **20 stars**" in reply.text
    assert "11. **10 stars**" in (await fans[0].clicks(reply, "Next")).text


async def test_a_message_that_lost_all_its_stars_is_not_on_the_top_list(board, fans, said):
    await stars(fans, said)
    assert "**2 stars**" in (await fans[0].slash("/starboard top")).text
    for fan in fans[:2]:
        await fan.unreacts(said, STAR)
    assert "No message" in (await fans[0].slash("/starboard top")).text


async def test_a_guild_that_switched_it_off_has_no_board(discord, board, fans, said):
    await discord.owner.slash("plugins disable", plugin="starboard")
    await stars(fans, said, 4)
    assert board.messages == []
    assert "switched off" in (await fans[0].slash("/starboard top")).text


DEAD = "ADD CONSTRAINT dead CHECK (starboard_message_id IS NULL) NOT VALID"


@pytest.mark.parametrize("again", ["a star", "time"])
async def test_a_post_whose_process_died_before_it_was_stored_is_found_and_not_repeated(  # noqa: PLR0917 - fixtures
    discord, db, board, fans, said, again
):
    await db.service.execute(f"ALTER TABLE starboard_messages {DEAD}")
    try:
        await stars(fans, said, 2)
    finally:
        await db.service.execute("ALTER TABLE starboard_messages DROP CONSTRAINT dead")
    discord.errors.clear()
    [post] = board.messages
    assert (await row_of(db, said)).starboard_message_id is None
    with at(now() + timedelta(minutes=2)):
        await (stars(fans[2:], said, 1) if again == "a star" else discord.bot.run_due())
    assert [each.id for each in board.messages] == [post.id]
    assert (await row_of(db, said)).starboard_message_id == post.id
    assert f"**{3 if again == 'a star' else 2}**" in board.last.content


async def test_a_claim_whose_process_died_before_the_post_is_worked_off(discord, db, board, fans, said):
    await stars(fans, said, 1)
    place = {"guild_id": discord.guild.id, "channel_id": said.channel_id, "message_id": said.id}
    assert (await db.starboard_message.note_stars(**place, author_id=1, count=2)).claim is not None
    add_reaction(discord.world, said.state, parse_emoji(discord.world, STAR), discord.world.owner)
    await discord.settle()
    assert board.messages == [], "whoever claimed it may be at work"
    await discord.bot.run_due()
    assert board.messages == []
    with at(now() + timedelta(minutes=2)):
        await discord.bot.run_due()
        await discord.bot.run_due()
    assert len(board.messages) == 1


async def test_a_claim_in_a_guild_that_switched_it_off_waits(discord, db, board, fans, said):
    await stars(fans, said, 1)
    place = {"guild_id": discord.guild.id, "channel_id": said.channel_id, "message_id": said.id}
    assert (await db.starboard_message.note_stars(**place, author_id=1, count=2)).claim is not None
    add_reaction(discord.world, said.state, parse_emoji(discord.world, STAR), discord.world.owner)
    await discord.settle()
    await db.switches.turn(discord.guild.id, "starboard", enabled=False)
    with at(now() + timedelta(minutes=2)):
        await discord.bot.run_due()
        assert board.messages == []
        await db.switches.turn(discord.guild.id, "starboard", enabled=True)
        await discord.bot.run_due()
    assert len(board.messages) == 1


async def test_a_claim_of_a_message_that_is_gone_is_looked_at_once(discord, db, board, author, said):
    place = {"guild_id": discord.guild.id, "channel_id": said.channel_id, "message_id": said.id}
    assert (await db.starboard_message.note_stars(**place, author_id=1, count=2)).claim is not None
    discord.fail("GET", rf"/channels/\d+/messages/{said.id}", 404, 10008)
    with at(now() + timedelta(minutes=2)):
        await discord.bot.run_due()
    assert (await row_of(db, said)).claim is None
    assert board.messages == []


async def test_who_changed_the_starboard_is_in_the_audit_log(discord, db):
    channel = discord.guild.channel("best-of")
    for line in (f"starboard setup {channel.mention}", "starboard threshold 4", "starboard remove", "starboard remove"):
        await discord.owner.says(f"!{line}")
    entries = (await db.audit.list_entries(guild_id=discord.guild.id, action="starboard.")).items
    assert [entry.action for entry in entries] == ["starboard.remove", "starboard.set", "starboard.set"]
    assert entries[1].after == {"channel_id": channel.id, "threshold": 4}
