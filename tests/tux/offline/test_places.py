from __future__ import annotations

import discord as discord_py
import pytest


async def code_of(awaitable):
    """Return the code of the refusal that awaiting something meets."""
    with pytest.raises(discord_py.HTTPException) as caught:
        await awaitable
    return caught.value.code


async def test_channels_are_made_changed_moved_and_deleted(discord, bot, guild):
    category = await guild.create_category("Area")
    channel = await guild.create_text_channel("New Room", category=category, topic="t", slowmode_delay=5)
    assert channel.name == "new-room"
    assert channel.category_id == category.id
    await channel.edit(name="room", nsfw=True, topic="other")
    await discord.settle()
    assert discord.guild.channel("room").state.data["topic"] == "other"
    await channel.move(beginning=True)
    assert {found.name for found in await guild.fetch_channels()} >= {"room", "general", "Area"}
    voice = await guild.create_voice_channel("Talk")
    assert (await bot.fetch_channel(voice.id)).name == "Talk"
    await category.delete()
    await channel.delete(reason="done")
    await discord.settle()
    assert len(bot.heard_of("guild_channel_delete")) == 2
    assert await code_of(bot.fetch_channel(channel.id)) == 10003
    entry = await anext(guild.audit_logs(limit=1))
    assert (entry.action, entry.reason) == (discord_py.AuditLogAction.channel_delete, "done")


@pytest.mark.parametrize(
    "fields", [{"name": "x" * 101}, {"name": "x", "topic": "t" * 1025}, {"name": "x", "slowmode_delay": 21601}]
)
async def test_a_channel_outside_the_limits_is_refused(guild, fields):
    assert await code_of(guild.create_text_channel(**fields)) == 50035


async def test_overwrites_are_set_and_removed(discord, guild, general):
    role = discord.guild.role("Muted")
    await discord.settle()
    target = guild.get_role(role.id)
    await general.set_permissions(target, send_messages=False, reason="quiet")
    alice = discord.member("alice", roles=["Muted"])
    assert not alice.can(discord.guild.channel().state, "send_messages")
    await general.set_permissions(target, overwrite=None)
    assert alice.can(discord.guild.channel().state, "send_messages")
    assert await code_of(general.set_permissions(target, administrator=True)) == 50013
    discord.bot_permissions("view_channel", "send_messages")
    assert await code_of(general.set_permissions(target, send_messages=False)) == 50013


async def test_roles_are_made_changed_ordered_and_deleted(discord, bot, guild):
    role = await guild.create_role(name="Red", colour=0xFF0000, permissions=discord_py.Permissions(kick_members=True))
    other = await guild.create_role(name="Blue", hoist=True, mentionable=True)
    await role.edit(name="Crimson", reason="taste")
    await discord.settle()
    assert guild.get_role(role.id).name == "Crimson"
    assert {found.name for found in await guild.fetch_roles()} == {"@everyone", "Tux", "Crimson", "Blue"}
    top = discord.guild.role("Top")
    await discord.settle()
    for name in ("Higher", "Highest"):
        discord.guild.role(name)
    await discord.settle()
    await guild.edit_role_positions({other: 1, guild.get_role(top.id): 2})
    await discord.settle()
    assert guild.get_role(top.id) > other
    assert await code_of(guild.edit_role_positions({other: 40})) == 50013
    assert (await guild.fetch_role(role.id)).colour.value == 0xFF0000
    assert await code_of(guild.fetch_role(7)) == 10011
    holder = discord.member("holder", roles=["Blue"])
    await other.delete()
    await discord.settle()
    assert holder.roles == []
    assert len(bot.heard_of("guild_role_delete")) == 1
    assert await code_of(other.delete()) == 10011
    assert await code_of(guild.create_role(name="x" * 101)) == 50035
    assert (await guild.role_member_counts())[guild.get_role(role.id)] == 0


async def test_the_order_of_roles_is_the_same_for_the_bot_and_for_discord(discord, guild):
    for name in ("Mods", "Helpers"):
        discord.guild.role(name)
    made = await guild.create_role(name="Made")
    discord.guild.role("Late")
    await made.delete()
    await discord.settle()
    ours = {role["name"]: role["position"] for role in discord.guild.state.roles.values()}
    assert {role.name: role.position for role in guild.roles} == ours
    assert [role.name for role in guild.roles] == ["@everyone", "Mods", "Helpers", "Late", "Tux"]


async def test_the_bot_cannot_give_what_it_lacks_or_touch_what_is_above(discord, guild):
    assert (
        await code_of(guild.create_role(name="Admin", permissions=discord_py.Permissions(administrator=True))) == 50013
    )
    own = guild.self_role
    assert await code_of(own.edit(name="Me")) == 50013
    assert await code_of(guild.default_role.delete()) == 50028
    assert (await guild.default_role.edit(mentionable=True)).mentionable


async def test_threads_are_opened_used_archived_and_deleted(discord, bot, guild, general):
    message = await general.send("topic")
    thread = await message.create_thread(name="Discussion")
    await discord.settle()
    assert await code_of(message.create_thread(name="Again")) == 160004
    alice = discord.member("alice")
    await discord.settle()
    await alice.says("a word", "Discussion")
    await thread.add_user(discord_py.Object(alice.id))
    assert {member.id for member in await thread.fetch_members()} == {bot.user.id, alice.id}
    await thread.remove_user(discord_py.Object(alice.id))
    await thread.leave()
    await thread.join()
    assert [found.name for found in await guild.active_threads()] == ["Discussion"]
    await thread.edit(archived=True, name="Closed")
    assert [found.name async for found in general.archived_threads()] == ["Closed"]
    await thread.send("awake")
    assert [found.name for found in await guild.active_threads()] == ["Closed"]
    private = await general.create_thread(name="Hidden", type=discord_py.ChannelType.private_thread)
    assert private.is_private()
    await thread.delete()
    await discord.settle()
    assert [len(bot.heard_of(name)) for name in ("thread_create", "thread_delete")] == [2, 1]


async def test_a_forum_takes_posts(discord, guild):
    forum = await guild.create_forum("ideas")
    post = await forum.create_thread(name="Idea", content="what if")
    assert post.message.content == "what if"
    assert post.message.id == post.thread.id


async def test_the_guild_is_fetched_and_changed(discord, bot, guild):
    fetched = await bot.fetch_guild(guild.id)
    assert (fetched.name, fetched.approximate_member_count) == ("Tux server", 2)
    await guild.edit(name="Renamed")
    await discord.settle()
    assert bot.get_guild(guild.id).name == "Renamed"
    assert await code_of(guild.edit(name="x")) == 50035
    assert await code_of(bot.fetch_guild(1)) == 10004
    assert await guild.integrations() == []
    assert await guild.fetch_stickers() == []


async def test_the_audit_log_is_filtered_and_paged(discord, guild, general):
    for number in range(3):
        await general.edit(topic=str(number))
    await guild.create_role(name="R")
    entries = [entry async for entry in guild.audit_logs(action=discord_py.AuditLogAction.channel_update)]
    assert [entry.after.topic for entry in entries] == ["2", "1", "0"]
    assert [entry.after.topic async for entry in guild.audit_logs(before=entries[1], limit=5)] == ["0"]
    oldest = [entry async for entry in guild.audit_logs(oldest_first=True, limit=1, user=guild.me)]
    assert oldest[0].action is discord_py.AuditLogAction.channel_update
    discord.bot_permissions("view_channel")
    assert await code_of(anext(guild.audit_logs())) == 50013


async def test_invitations_are_made_and_withdrawn(discord, bot, guild, general):
    invite = await general.create_invite(max_age=60, max_uses=1)
    assert [found.code for found in await guild.invites()] == [invite.code]
    assert [found.code for found in await general.invites()] == [invite.code]
    assert (await bot.fetch_invite(invite.code)).channel.name == "general"
    await invite.delete()
    await discord.settle()
    assert [len(bot.heard_of(name)) for name in ("invite_create", "invite_delete")] == [1, 1]
    assert await code_of(bot.fetch_invite(invite.code)) == 10006


async def test_a_webhook_writes_under_its_own_name(discord, bot, guild, general):
    hook = await general.create_webhook(name="Herald")
    sent = await hook.send("news", username="Crier", wait=True)
    assert (sent.author.name, discord.guild.channel().last.author_name) == ("Crier", "Crier")
    await hook.edit_message(sent.id, content="old news")
    assert (await hook.fetch_message(sent.id)).content == "old news"
    await hook.delete_message(sent.id)
    await hook.send("without waiting")
    assert [found.name for found in await guild.webhooks()] == ["Herald"]
    assert [found.name for found in await general.webhooks()] == ["Herald"]
    assert (await bot.fetch_webhook(hook.id)).name == "Herald"
    assert (await hook.edit(name="Bard")).name == "Bard"
    assert (await hook.fetch()).name == "Bard"
    await hook.delete()
    assert await code_of(hook.send("gone", wait=True)) == 10015


async def test_a_channel_has_at_most_15_webhooks(general):
    for number in range(15):
        await general.create_webhook(name=f"hook{number}")
    assert await code_of(general.create_webhook(name="one more")) == 30007


async def test_the_application_and_its_users_are_known(discord, bot):
    application = await bot.application_info()
    assert application.owner.id == discord.owner.id
    assert await bot.is_owner(await bot.fetch_user(discord.owner.id))
    assert await code_of(bot.fetch_user(3)) == 10013
    assert [guild.name async for guild in bot.fetch_guilds()] == ["Tux server"]
    assert (await bot.fetch_guild_preview(discord.guild.id)).name == "Tux server"


async def test_the_bot_leaves_a_guild(discord, bot):
    other = await discord.join_guild("Elsewhere")
    await bot.get_guild(other.id).leave()
    await discord.settle()
    assert [args[0].name for args in bot.heard_of("guild_remove")][-1:] == ["Elsewhere"]
