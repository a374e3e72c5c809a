from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from contextvars import ContextVar

import pytest
from shop_models import Team

from tux.database.engine import active_client
from tux.errors import ConnectionLost, InvalidValue, UniqueViolation
from tux.manager import Manager
from tux.manager.grouping import MOST_CALLS, MOST_GROUPS, PATIENCE_SECONDS, in_group
from tux.settings import FAST
from tux.testing.blocks import max_queries

pytestmark = [
    pytest.mark.usefixtures("shop"),
    pytest.mark.skipif(not FAST, reason="nothing is grouped when the fast path is off"),
]

SEEN: ContextVar[str] = ContextVar("seen", default="nothing")


class Teams(Manager[Team], name="teams"):
    """Of the tests."""


teams = Teams()


async def insert_teams(client, names):
    made = await client.fetch(
        "INSERT INTO shop_teams (team_name, hits) SELECT name, 0 FROM unnest($1::text[]) AS name RETURNING team_name",
        [list(names)],
    )
    return [row[0] for row in made]


async def hit_teams(client, calls):
    rows = await client.fetch(
        "UPDATE shop_teams SET hits = shop_teams.hits + given.hits FROM unnest($1::text[], $2::int[]) AS given (name, hits)"
        " WHERE team_name = given.name RETURNING team_name, shop_teams.hits",
        [list(part) for part in zip(*calls, strict=True)],
    )
    found = {row["team_name"]: row["hits"] for row in rows}
    return [found.get(name) for name, _ in calls]


def burst(work, calls, **lines):
    return asyncio.gather(*(in_group(work, call, **lines) for call in calls), return_exceptions=True)


async def stored():
    return {team.name for team in await teams.get_all()}


@asynccontextmanager
async def locked(name):
    """Hold the lock of a team's row on a connection of its own."""
    async with active_client().acquire_connection() as connection, connection.transaction():
        await connection.execute("SELECT 1 FROM shop_teams WHERE team_name = $1 FOR UPDATE", name)
        yield


async def test_calls_that_come_while_a_statement_is_under_way_share_the_next_one():
    names = [f"t{number}" for number in range(50)]
    with max_queries(2) as sent:
        assert await burst(insert_teams, names) == names
    assert len(sent) == 2
    assert await stored() == set(names)


async def test_calls_one_after_the_other_go_out_by_themselves_in_the_task_of_their_caller():
    tasks = []

    async def note(client, calls):
        tasks.append(asyncio.current_task())
        return list(calls)

    assert [await in_group(note, number) for number in range(3)] == [0, 1, 2]
    assert tasks == [asyncio.current_task()] * 3


async def test_whoever_is_answered_and_calls_again_is_in_the_next_group():
    sizes = []

    async def note(client, calls):
        sizes.append(len(calls))
        await client.fetch("SELECT 1")
        return list(calls)

    async def caller(number):
        for _ in range(3):
            await in_group(note, number)

    await asyncio.gather(*(caller(number) for number in range(20)))
    assert sizes[:3] == [1, 19, 20]
    assert sum(sizes) == 60


async def test_so_many_groups_of_a_line_are_under_way_at_once_and_no_larger():
    sizes, under_way, most = [], 0, 0

    async def note(client, calls):
        nonlocal under_way, most
        sizes.append(len(calls))
        under_way += 1
        most = max(most, under_way)
        await client.fetch("SELECT 1")
        under_way -= 1
        return list(calls)

    count = (MOST_GROUPS + 2) * MOST_CALLS
    assert await burst(note, range(count)) == [*range(count)]
    assert sizes[: MOST_GROUPS + 1] == [1, *[MOST_CALLS] * MOST_GROUPS]
    assert max(sizes) == MOST_CALLS
    assert sum(sizes) == count
    assert most >= MOST_GROUPS


async def test_lines_do_not_share_statements():
    with max_queries(4) as sent:
        await asyncio.gather(
            burst(insert_teams, [f"a{number}" for number in range(20)], line="a"),
            burst(insert_teams, [f"b{number}" for number in range(20)], line="b"),
        )
    assert len(sent) == 4


async def test_calls_for_one_thing_never_meet_in_a_statement():
    await teams.create(name="red")
    answers = await asyncio.gather(*(in_group(hit_teams, ("red", 1), single="red") for _ in range(30)))
    assert answers == [*range(1, 31)]


@pytest.mark.parametrize("place", [0, 1, 17, 49])
async def test_a_bad_row_concerns_its_caller_alone(place):
    await teams.create(name="taken")
    names = [f"t{number}" for number in range(50)]
    names[place] = "taken"
    answers = await burst(insert_teams, names)
    assert isinstance(answers[place], UniqueViolation)
    names.remove("taken")
    assert [answer for answer in answers if isinstance(answer, str)] == names
    assert await stored() == {"taken", *names}


async def test_a_value_that_the_driver_refuses_concerns_its_caller_alone():
    answers = await burst(insert_teams, ["a", "b", 7, "c"])
    assert isinstance(answers.pop(2), InvalidValue)
    assert answers == ["a", "b", "c"]


async def test_several_bad_rows_each_have_an_error_of_their_own():
    answers = await burst(insert_teams, ["a", "a", "b", "a", "c"])
    errors = [answer for answer in answers if isinstance(answer, UniqueViolation)]
    assert len(errors) == len({id(error) for error in errors}) == 2
    assert await stored() == {"a", "b", "c"}


async def test_a_group_whose_connection_broke_is_not_sent_again():
    runs = []

    async def break_off(client, calls):
        runs.append(len(calls))
        end = "bad" in calls
        await client.fetch("SELECT CASE WHEN $1 THEN pg_terminate_backend(pg_backend_pid()) END", [end])
        return list(calls)

    answers = await burst(break_off, ["good", "good", "bad", "good"])
    assert answers[0] == "good"
    assert [type(answer) for answer in answers[1:]] == [ConnectionLost] * 3
    assert runs == [1, 3]


async def test_an_error_that_is_no_error_of_the_database_reaches_every_caller():
    async def fail(client, calls):
        await client.fetch("SELECT 1")
        raise KeyError(len(calls))

    answers = await burst(fail, range(4))
    assert [answer.args for answer in answers] == [(1,), (3,), (3,), (3,)]


async def test_a_cancelled_caller_takes_nothing_from_the_others():
    names = [f"t{number}" for number in range(20)]
    tasks = [asyncio.ensure_future(in_group(insert_teams, name)) for name in names]
    await asyncio.sleep(0)
    tasks[5].cancel()  # before its group was sent
    answers = await asyncio.gather(*tasks, return_exceptions=True)
    assert isinstance(answers.pop(5), asyncio.CancelledError)
    names.remove("t5")
    assert answers == names
    assert await stored() == set(names)


async def test_a_caller_who_is_cancelled_while_the_group_runs_does_not_stop_it():
    await teams.bulk_create([{"name": "red"}, {"name": "blue"}, {"name": "green"}])
    async with locked("red"):
        tasks = [asyncio.ensure_future(in_group(hit_teams, (name, 1))) for name in ("blue", "red", "green")]
        await tasks[0]
        await asyncio.sleep(PATIENCE_SECONDS)
        tasks[1].cancel()
        assert not tasks[2].done()
    assert await tasks[2] == 1
    assert [team.hits for team in await teams.find_all(order_by="name")] == [1, 1, 1]


async def test_the_call_under_way_may_be_cancelled_and_the_others_go_on():
    await teams.bulk_create([{"name": "red"}, {"name": "blue"}])
    async with locked("red"):
        tasks = [asyncio.ensure_future(in_group(hit_teams, (name, 1))) for name in ("red", "blue")]
        await asyncio.sleep(0)
        tasks[0].cancel()
        assert await tasks[1] == 1
    assert (await teams.find_one(name="red")).hits == 0


async def test_a_call_that_waits_for_a_lock_holds_up_nobody_behind_it_for_long():
    await teams.bulk_create([{"name": "red"}, {"name": "blue"}, {"name": "green"}])
    async with locked("red"), asyncio.timeout(5):
        stuck = [asyncio.ensure_future(in_group(hit_teams, ("red", 1), single="red")) for _ in range(3)]
        await asyncio.sleep(0)
        assert await in_group(hit_teams, ("blue", 1), single="blue") == 1
        await asyncio.sleep(PATIENCE_SECONDS)
        assert await in_group(hit_teams, ("green", 1), single="green") == 1
        assert not any(task.done() for task in stuck)
    assert sorted(await asyncio.gather(*stuck)) == [1, 2, 3]


async def test_the_only_call_behind_one_that_waits_for_a_lock_overtakes_it():
    await teams.bulk_create([{"name": "red"}, {"name": "blue"}])
    async with locked("red"), asyncio.timeout(5):
        stuck = asyncio.ensure_future(in_group(hit_teams, ("red", 1)))
        await asyncio.sleep(0)
        assert await in_group(hit_teams, ("blue", 1)) == 1
        assert not stuck.done()
    assert await stuck == 1


async def test_inside_a_transaction_nothing_is_grouped():
    async def inside(name):
        async with active_client().open_transaction() as transaction:
            await in_group(insert_teams, name)
            assert await transaction.fetch("SELECT 1 FROM shop_teams WHERE team_name = $1", [name])
            raise KeyError(name)

    outside = [f"o{number}" for number in range(10)]
    calls = [coroutine for name in outside for coroutine in (in_group(insert_teams, name), inside(f"i{name}"))]
    answers = await asyncio.gather(*calls, return_exceptions=True)
    assert answers[::2] == outside
    assert all(isinstance(answer, KeyError) for answer in answers[1::2])
    assert await stored() == set(outside)


async def test_a_group_inherits_the_context_of_no_caller():
    seen = []

    async def look(client, calls):
        seen.append(SEEN.get())
        await client.fetch("SELECT 1")
        return list(calls)

    async def caller(number):
        SEEN.set(str(number))
        await in_group(look, number)

    await asyncio.gather(*(caller(number) for number in range(5)))
    assert seen == ["0", "nothing"]
