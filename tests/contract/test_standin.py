"""M13: rows in memory and a stand-in for `db`: a cog tested without PostgreSQL, Tortoise or Discord.

The tests of this repository run what they test; this file alone shows that authors who want mocks can have them.
"""

from __future__ import annotations

import subprocess
import sys
import textwrap
from datetime import datetime
from types import SimpleNamespace
from unittest.mock import AsyncMock

import pytest

from plugins.guild.managers import GuildConfigManager
from plugins.moderation.cog.records import CasesCog
from plugins.moderation.errors import UnknownCase
from plugins.moderation.kinds import BUILT_IN
from plugins.moderation.managers import CaseManager
from plugins.moderation.models import Case
from plugins.points.models import MAX_POINTS, User
from tux.errors import InvalidValue
from tux.settings import find_root
from tux.testing import stand_in


def test_rows_are_made_right_after_the_import():
    script = """
        from plugins.guild.models import Guild
        from plugins.moderation.models import Case
        from plugins.points.models import PointsTransaction, User

        case = Case(case_id=1, case_number=7, guild_id=3, case_type="BAN", case_user_id=4, case_moderator_id=5)
        assert (case.case_id, case.pk, case.guild_id, case.case_number) == (1, 1, 3, 7)
        assert (case.case_status, case.case_reason, case.case_type) == (True, None, "BAN")
        assert case.case_created_at.tzinfo is not None
        assert case.to_dict()["guild_id"] == 3
        assert Case().guild_id is None
        assert User(discord_id=2, guild_id=3, username="  ann ").username == "ann"
        assert PointsTransaction(guild_id=3, from_user_id=1, amount=5).to_user_id is None
        assert Guild(guild_id=3) == Guild(guild_id=3, guild_name="named")
        print("made")
    """
    command = [sys.executable, "-W", "error", "-c", textwrap.dedent(script)]
    made = subprocess.run(command, cwd=find_root(), capture_output=True, text=True, check=False)
    assert (made.stdout, made.stderr) == ("made\n", "")


@pytest.mark.parametrize(
    ("values", "says"),
    [
        ({"username": "   "}, "username must not be blank"),
        ({"username": "x" * 101}, "username"),
        ({"points": -1}, "points"),
        ({"points": MAX_POINTS + 1}, "points"),
        ({"points": 1.5}, "points takes a whole number"),
        ({"last_active": datetime(2026, 1, 1)}, "last_active takes an aware datetime"),  # noqa: DTZ001
    ],
)
def test_a_row_in_memory_refuses_what_its_column_would(values, says):
    with pytest.raises(InvalidValue, match=says) as caught:
        User(id=1, discord_id=2, guild_id=3, **values)
    assert caught.value.column == next(iter(values))


@pytest.fixture
def db():
    return stand_in(CaseManager, GuildConfigManager)


@pytest.fixture
def ctx():
    return SimpleNamespace(guild=SimpleNamespace(id=3), channel=None, interaction=None, send=AsyncMock())


async def test_a_cog_is_tested_with_a_stand_in_for_db(db, ctx):
    case = Case(case_id=1, case_number=7, guild_id=3, case_type="WARN", case_user_id=4, case_moderator_id=5)
    db.case.get_case_by_number.return_value = case
    db.case.kinds_in.return_value = {kind.name: kind for kind in BUILT_IN}
    db.find.return_value = None  # nobody keeps notes
    await CasesCog.view_case.callback(CasesCog(SimpleNamespace(db=db)), ctx, 7)
    db.case.get_case_by_number.assert_awaited_once_with(7, 3)
    assert "#7" in ctx.send.call_args.kwargs["embed"].title


async def test_a_cog_that_finds_nothing_refuses(db, ctx):
    db.case.get_case_by_number.return_value = None
    with pytest.raises(UnknownCase, match="no case #8"):
        await CasesCog.view_case.callback(CasesCog(SimpleNamespace(db=db)), ctx, 8)
    ctx.send.assert_not_awaited()


async def test_the_stand_in_has_what_the_coordinator_has(db):
    assert db.case is db[CaseManager]
    async with db.transaction():
        await db.emit("event")
        await db.on_commit(print)
    db.transaction.assert_called_once_with()


async def test_the_stand_in_knows_names_and_signatures(db):
    with pytest.raises(AttributeError):
        _ = db.cas
    with pytest.raises(AttributeError):
        await db.case.get_case_by_nmber(7, 3)
    with pytest.raises(TypeError):
        await db.case.get_case_by_number(number=7)
    with pytest.raises(AttributeError):
        db.cas = None
