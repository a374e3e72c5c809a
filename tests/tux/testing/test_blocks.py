from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from tux.clock import now
from tux.testing import at, max_queries


async def test_a_block_within_its_limit_passes_and_tells_what_was_sent(db):
    with max_queries(1) as sent:
        await db.service.fetch("SELECT 1")
    assert sent == ["SELECT 1"]


async def test_a_block_over_its_limit_fails_and_lists_every_statement(db):
    with (
        pytest.raises(
            AssertionError, match=r"(?s)3 statements were sent, at most 1.*1\. BEGIN.*2\. SELECT 7.*3\. COMMIT"
        ),
        max_queries(1),
    ):
        async with db.transaction() as session:
            await session.fetch("SELECT\n  7")


async def test_an_error_inside_the_block_is_not_hidden_by_the_count(db):
    async def fail() -> None:
        await db.service.fetch("SELECT 1")
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError), max_queries(0):
        await fail()


async def test_statements_after_the_block_are_not_counted(db):
    with max_queries(0) as sent:
        pass
    await db.service.fetch("SELECT 1")
    assert sent == []


def test_the_clock_stands_still_inside_the_block_and_goes_on_after_it():
    moment = datetime(2030, 1, 1, tzinfo=UTC)
    with at(moment):
        assert now() == moment
    assert abs(now() - datetime.now(UTC)) < timedelta(seconds=1)
