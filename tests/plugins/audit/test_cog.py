"""`/audit` and the end of the retention."""

from __future__ import annotations

from datetime import timedelta

import pytest

from plugins.audit.cog import read_span
from plugins.audit.errors import InvalidSpan
from plugins.audit.settings import AuditSettings
from tux.clock import clock, now
from tux.core.errors import InvalidSetting
from tux.testing import at, max_queries

styles = pytest.mark.parametrize("style", ["slash", "prefix"])


@pytest.fixture
async def admin(discord, db):
    role = discord.guild.role("Administrators")
    await db.guild_config.update_perm_level_role(discord.guild.id, 7, role.id)
    return discord.member("alice", roles=[role])


@pytest.fixture
def bob(discord):
    return discord.member("bob")


async def log(db, discord, action="case.create", **changes):
    values = {"guild_id": discord.guild.id, "actor_id": 5, "action": action, **changes}
    return await db.audit.log_action(**values)


@styles
async def test_changes_are_shown_newest_first_as_before_and_after(discord, db, admin, bob, style):
    await log(db, discord, actor_id=admin.id, target_id=bob.id, after={"case": 1, "reason": "spam", "until": None})
    await log(
        db,
        discord,
        "case.modify",
        actor_id=admin.id,
        target_id=bob.id,
        before={"case": 1, "kind": "WARN", "reason": "spam", "active": True},
        after={"case": 1, "kind": "WARN", "reason": "rude", "active": False},
        reason="looked again",
    )
    await log(db, discord, "reason.remove", before={"name": "spam"})
    reply = await (admin.slash("/audit") if style == "slash" else admin.says("!audit"))
    assert "Audit log (3)" in reply.text
    assert reply.text.index("reason.remove") < reply.text.index("case.modify") < reply.text.index("case.create")
    assert "case: 1; active: yes → no; reason: spam → rude; looked again" in reply.text
    assert "was name: spam" in reply.text
    assert "until" not in reply.text
    assert "@bob" in reply.text


async def test_times_are_shown_as_discord_shows_them(discord, db, admin):
    moment = now() + timedelta(hours=3)
    unix = int(moment.timestamp())
    for number, until in enumerate((moment, moment.isoformat(), "2026-02-30T00:00:00+00:00", "tomorrow")):
        await log(db, discord, after={"case": number, "until": until})
    shown = (await admin.slash("/audit")).embeds[0]["description"]
    assert shown.count(f"<t:{unix}> (<t:{unix}:R>)") == 2
    assert "2026-02-30" in shown
    assert "tomorrow" in shown


async def test_the_end_of_a_ban_is_no_raw_text_in_the_audit_log(discord, db, admin, bob):
    await admin.clicks(await admin.says("!tempban @bob 1d raid"), "Ban")
    shown = (await admin.slash("/audit")).embeds[0]["description"]
    [case] = await db.case.get_all()
    assert f"until: <t:{int(case.case_expires_at.timestamp())}>" in shown
    assert case.case_expires_at.date().isoformat() not in shown


async def test_roles_and_channels_are_named_as_what_they_are(discord, db, admin):
    role, channel = discord.guild.role("Judges"), discord.guild.channel("court")
    await discord.settle()
    await log(db, discord, "rank.assign", target_id=role.id)
    await log(db, discord, "config.update", target_id=channel.id)
    shown = (await admin.slash("/audit")).text
    assert "@Judges" in shown
    assert "#court" in shown


async def test_a_change_of_the_configuration_is_shown_as_it_was_and_is(discord, admin):
    court, judges = discord.guild.channel("court"), discord.guild.role("Judges")
    await discord.settle()
    for line in (
        f"/config logs mod {court.mention}",
        "/config logs mod",
        f"/config level 3 {judges.mention}",
        "/config level 3",
        "/prefix set ?",
        "/plugins disable polls",
        "/config ranks name 3 Mods",
        "/config commands set 4 prefix",
    ):
        await discord.owner.slash(line)
    shown = (await admin.slash("/audit")).text
    for line in (
        "mod_log_id: nothing → #court",
        "mod_log_id: #court → nothing",
        "level: 3; role_id: nothing → @Judges",
        "level: 3; role_id: @Judges → nothing",
        "prefix: nothing → ?",
        "plugin: polls; enabled: yes → no",
        "rank: 3; name: nothing → Mods",
        "command: prefix; rank: 0 → 4",
    ):
        assert line in shown


async def test_filters_combine(discord, db, admin, bob):
    carol = discord.member("carol")
    await log(db, discord, actor_id=bob.id, target_id=carol.id)
    await log(db, discord, "config.update", actor_id=bob.id)
    with at(now() - timedelta(days=10)):
        await log(db, discord, "case.void", actor_id=carol.id, target_id=bob.id)

    async def shown(**options):
        return (await admin.slash("audit", **options)).text

    assert "(2)" in await shown(actor=bob)
    assert "(1)" in await shown(target=bob)
    assert "(2)" in await shown(action="case.")
    assert "(1)" in await shown(action="case.void")
    assert "(2)" in await shown(since="7d")
    assert "(1)" in await shown(actor=bob, action="case.", since="1w")
    assert "nothing that fits" in await shown(actor=carol, since="7d")
    assert "(1)" in (await admin.says("!audit @carol")).text
    assert "(2)" in (await admin.says("!audit case.")).text
    assert "(2)" in (await admin.says("!audit 7d")).text
    assert "(1)" in (await admin.says("!audit @bob @carol case. 7d")).text


async def test_another_server_is_not_seen(discord, db, admin):
    await log(db, discord, guild_id=77)
    assert "nothing that fits" in (await admin.slash("/audit")).text


async def test_ten_a_page(discord, db, admin):
    for number in range(12):
        await log(db, discord, f"case.{number}")
    reply = await admin.slash("/audit")
    assert reply.buttons == ["Next"]
    reply = await admin.clicks(reply, "Next")
    assert "Page 2 of 2" in reply.text
    assert "case.0" in reply.text


async def test_actions_and_their_areas_are_completed(discord, db, admin, bob):
    for action in ("case.void", "case.create", "config.update"):
        await log(db, discord, action)
    assert [each["name"] for each in await admin.autocomplete("audit", "action", action="ca")] == [
        "case.",
        "case.create",
        "case.void",
    ]
    assert await bob.autocomplete("audit", "action", action="") == []


async def test_only_administrators_read_it_and_slash_answers_are_for_them_alone(discord, db, admin, bob):
    for reply in (await bob.says("!audit"), await bob.slash("/audit")):
        assert "rank 7" in reply.text
    assert (await admin.slash("/audit")).is_ephemeral


async def test_a_span_that_cannot_be_read_is_refused(discord, admin):
    assert "no span of time" in (await admin.slash("/audit since:soon")).text
    assert read_span("12h") == timedelta(hours=12)
    assert read_span(" 4W ") == timedelta(weeks=4)
    for text in ("", "7", "d7", "7 d", "99999d", "٣d"):
        with pytest.raises(InvalidSpan):
            read_span(text)


async def test_the_command_is_two_statements_at_most(discord, db, admin):
    await log(db, discord)
    await admin.says("!audit")
    with max_queries(2):
        await admin.says("!audit case.")


async def test_each_guild_keeps_its_entries_as_long_as_it_wants(discord, db):
    await db.settings.change(discord.guild.id, AuditSettings, retention_days=7)
    for guild_id in (discord.guild.id, 77):
        for days in (6, 8, 89, 91):
            with at(now() - timedelta(days=days)):
                await log(db, discord, f"a.{days}", guild_id=guild_id)
    await discord.bot.run_due()
    left = {(entry.guild_id, entry.action) for entry in await db.audit.get_all()}
    assert left == {(discord.guild.id, "a.6"), (77, "a.6"), (77, "a.8"), (77, "a.89")}


async def test_retention_is_ended_in_parts(discord, db):
    with at(now() - timedelta(days=100)):
        for _ in range(7):
            await log(db, discord)
    with max_queries(1):
        assert await db.audit.purge_expired(90, limit=5) == 5
    assert await db.audit.purge_expired(90, limit=5) == 2
    assert await db.audit.purge_expired(90, limit=5) == 0


async def test_entries_are_kept_through_the_clock_until_their_day(discord, db):
    await log(db, discord)
    clock.shift(timedelta(days=89))
    try:
        await discord.bot.run_due()
        assert await db.audit.count() == 1
        clock.shift(timedelta(days=2))
        await discord.bot.run_due()
        assert await db.audit.count() == 0
    finally:
        clock.reset()


@pytest.mark.parametrize("days", [0, 3651, "soon"])
async def test_a_retention_that_makes_no_sense_is_refused(discord, db, days):
    with pytest.raises(InvalidSetting, match="retention_days"):
        await db.settings.change(discord.guild.id, AuditSettings, retention_days=days)


async def test_a_stored_retention_that_does_not_fit_means_the_default(discord, db):
    await db.service.execute(
        "INSERT INTO core_settings (guild_id, plugin, changed, created_at, updated_at)"
        " VALUES ($1, 'audit', '{\"retention_days\": \"never\"}', now(), now())",
        discord.guild.id,
    )
    with at(now() - timedelta(days=91)):
        await log(db, discord)
    await discord.bot.run_due()
    assert await db.audit.count() == 0
