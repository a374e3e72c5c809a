"""A test per line of CALLS.md that concerns `db.audit`."""

from __future__ import annotations


async def test_log_action_takes_every_documented_keyword(db):
    entry = await db.audit.log_action(
        guild_id=500,
        actor_id=51,
        action="config.update",
        target_id=52,
        before={"prefix": "!"},
        after={"prefix": "?", "roles": [1, 2]},
        reason="nicer",
    )
    stored = await db.audit.get_by_id(entry.id)
    assert (stored.guild_id, stored.actor_id, stored.action, stored.target_id) == (500, 51, "config.update", 52)
    assert (stored.before, stored.after, stored.reason) == (
        {"prefix": "!"},
        {"prefix": "?", "roles": [1, 2]},
        "nicer",
    )


async def test_log_action_has_the_documented_defaults(db):
    entry = await db.audit.log_action(guild_id=500, actor_id=51, action="case.create")
    assert (entry.target_id, entry.before, entry.after, entry.reason) == (None, None, None, None)
