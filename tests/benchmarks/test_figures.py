"""The benchmarks' own arithmetic: a wrong ratio, table or gate would be believed."""

from __future__ import annotations

import asyncio
import xml.etree.ElementTree as ET
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from rich.console import Console

from tests.benchmarks.__main__ import arguments
from tests.benchmarks.chart import LABEL, PLOT, TICKS, place, race_chart, scaling_chart
from tests.benchmarks.checks import described, difference, slower, switched_off
from tests.benchmarks.document import mark, replaced, write_sections
from tests.benchmarks.figures import ROOT
from tests.benchmarks.growth import SIZES, grown
from tests.benchmarks.operations import BY_NAME, OPERATIONS
from tests.benchmarks.profiling import DRIVER, KINDS, REST, ROWS, WAITING, shared
from tests.benchmarks.program import ALL_MET, keep, where_time_goes
from tests.benchmarks.race import QUICK, Pace, Plan, Result, Timed, calls_of, chosen, rotated
from tests.benchmarks.report import HEAD, cells, crowd_cells, figures, is_met, missed, ratios, tables, written
from tests.benchmarks.starting import make_project
from tux.models import compiled
from tux.registry import Registry
from tux.settings import FAST, load_settings


def made(**walls):
    """What came out for get_by_id at one task, three rounds."""
    result = Result()
    result.times["get_by_id", 1] = {who: Timed(wall, [each / 2 for each in wall]) for who, wall in walls.items()}
    result.trips["get_by_id"] = {"tux": 1, "asyncpg": 2}
    return figures(result)


def test_a_ratio_is_that_of_each_round_so_a_slow_machine_is_slow_for_both():
    found = made(tux=[10.0, 40.0, 12.0], asyncpg=[20.0, 100.0, 20.0])["get_by_id"]["1"]
    assert found["ratio"]["tux"] == [0.5, 0.4, 0.6]
    assert found["tux"] == 12.0
    assert found["asyncpg"] == 20.0
    assert found["range"]["tux"] == [10.0, 40.0]
    assert found["cpu"]["tux"] == 6.0
    assert found["round_trips"] == {"tux": 1, "asyncpg": 2}
    assert found["same"] == "sql"


def test_whoever_stopped_early_is_compared_in_the_rounds_it_had():
    assert ratios([1.0, 3.0], [1.0, 2.0, 4.0]) == [1.0, 1.5]


def test_only_who_takes_seconds_for_a_block_stops_early_and_only_when_it_is_late():
    pace = Pace(Plan(operations=chosen("count"), seconds=10.0), 0.0)
    slow, quick = Timed([2e6] * 3), Timed([2.0] * 3)
    assert not pace.has_enough(slow, 1)
    pace.next(30.0)
    assert pace.has_enough(slow, 1)
    assert not pace.has_enough(quick, 1)
    assert not pace.has_enough(Timed([2e6] * 2), 1)


def test_a_contender_that_was_not_there_is_left_out():
    found = made(tux=[1.0], asyncpg=[2.0], sqlalchemy=[])
    assert "sqlalchemy" not in found["get_by_id"]["1"]
    head, lines = tables(found)[0]
    assert dict(zip(head, lines[0], strict=True))["sqlalchemy"] == "-"


def test_a_goal_is_reached_as_it_is_written_and_differs_by_tasks():
    operation = BY_NAME["get_by_id"]
    assert is_met(operation, 1, 0.4549)
    assert is_met(operation, 1, 0.46) is False
    assert is_met(operation, 32, 0.43) is False
    assert is_met(BY_NAME["update_where"], 1, 9.0) is None


def test_only_goals_that_were_missed_are_listed():
    assert missed(made(tux=[46.0], asyncpg=[100.0])) == [(BY_NAME["get_by_id"], 1)]
    assert missed(made(tux=[45.0], asyncpg=[100.0])) == []
    assert missed(made(leased=[45.0], asyncpg=[100.0])) == []


def test_the_table_says_how_far_from_the_floor_it_is():
    each = made(tux=[44.0], leased=[40.0], asyncpg=[100.0])["get_by_id"]["1"]
    line = dict(zip(HEAD, cells(BY_NAME["get_by_id"], 1, each), strict=True))
    assert line["tux"] == "0.44 (0.44-0.44)"
    assert line["goal"] == "≤ 0.45 ✓"
    assert line["tux / leased"] == "1.10"
    assert line["trips"] == "1 / 2 / -"


def test_a_crowd_is_told_in_times_as_fast():
    each = made(tux=[10.0], asyncpg=[100.0])["get_by_id"]["1"]
    assert crowd_cells(BY_NAME["crowd_get_by_id"], 200, each)[2:4] == ["10.0 x", "≥ 8 ✓"]
    slow = made(tux=[20.0], asyncpg=[100.0])["get_by_id"]["1"]
    assert crowd_cells(BY_NAME["crowd_get_by_id"], 200, slow)[2:4] == ["5.0 x", "≥ 8 ✗"]


def test_a_written_table_has_as_many_columns_in_every_line():
    text = written(("a", "b"), [["1", "2"], ["3", "4"]])
    assert text.splitlines() == ["| a | b |", "| --- | --: |", "| 1 | 2 |", "| 3 | 4 |"]


def test_a_block_has_as_many_calls_for_each_task_and_at_least_one():
    plan = Plan(block_seconds=0.1)
    assert calls_of(0.001, 1, plan) == 100
    assert calls_of(0.001, 32, plan) == 96
    assert calls_of(5.0, 32, plan) == 32
    assert calls_of(0.0, 1, plan) == 2000


def test_a_busy_machine_gets_fewer_calls_in_a_round_not_fewer_rounds():
    plan = Plan(operations=chosen("count,find_one"), seconds=40.0, block_seconds=1.0)
    pace = Pace(plan, 0.0)
    assert pace.next(0.0).block_seconds == 1.0
    assert pace.next(20.0).block_seconds == pytest.approx(1 / 3)  # 20 s left for 3, and the last one took 20
    assert pace.next(20.0).block_seconds == pytest.approx(1.25 / 3)
    assert pace.next(90.0).block_seconds == pytest.approx(0.1)
    assert pace.next(90.0).rounds == plan.rounds


def test_every_contender_comes_first_once():
    firsts = [next(rotated(["a", "b", "c"], turn)) for turn in range(3)]
    assert firsts == ["a", "b", "c"]
    assert list(rotated(["a", "b", "c"], 1)) == ["b", "c", "a"]


def test_operations_are_chosen_by_name_and_a_wrong_name_is_refused():
    assert [each.name for each in chosen("count,get_by_id")] == ["count", "get_by_id"]
    assert chosen("") == OPERATIONS
    with pytest.raises(SystemExit, match="no operation 'nothing'"):
        chosen("nothing")


def test_other_numbers_of_tasks_take_the_place_of_the_usual_ones():
    plan = Plan(operations=chosen("count"), concurrency=(1, 8))
    assert [tasks for _, tasks in plan.blocks()] == [1, 8]
    assert [tasks for _, tasks in Plan(operations=chosen("count")).blocks()] == [1, 32]
    assert [tasks for _, tasks in QUICK._replace(operations=chosen("count")).blocks()] == [1]


def test_equal_moments_of_other_zones_or_types_differ():
    here = datetime(2026, 1, 1, 12, tzinfo=UTC)
    there = here.astimezone(timezone(timedelta(hours=2)))
    assert here == there
    assert described({"at": here}, frozenset()) != described({"at": there}, frozenset())
    assert described([1], frozenset()) != described([True], frozenset())
    assert described({"id": 1}, frozenset({"id"})) == described({"id": 2}, frozenset({"id"}))
    assert described({"id": 1}, frozenset({"id"})) != described({"id": "1"}, frozenset({"id"}))


def test_a_difference_is_told_by_its_column():
    assert difference({"a": 1, "b": 2}, {"a": 1, "b": 3}) == "b: 2 instead of 3"
    assert difference([{"a": 1}], [{"a": 2}]) == "a: 1 instead of 2"
    assert difference([1], [1, 2]) == "[1] instead of [1, 2]"


class Slow:
    """Somebody whose rows are made by Tortoise."""

    @staticmethod
    def slow_models():
        return ["Case"]


class Fast:
    """Somebody who has nothing to hide."""

    @staticmethod
    def slow_models():
        return []


@pytest.mark.skipif(not FAST, reason="without the fast path there are more round trips, and rows are Tortoise's")
def test_what_became_worse_is_told_and_what_became_better_is_not():
    operation = BY_NAME["get_by_id"]
    assert slower(operation, Fast, 1, ["SELECT"]) == []
    assert slower(operation, Fast, 0, []) == []
    assert "2 round trips" in slower(operation, Fast, 2, ["BEGIN", "SELECT"])[0]
    assert slower(operation, Slow, 1, []) == ["rows of Case are no longer made by compiled code"]


@pytest.mark.skipif(not FAST, reason="all of it is off on purpose")
def test_a_fast_path_that_switched_itself_off_is_told(monkeypatch):
    assert switched_off() == []
    monkeypatch.setattr(compiled, "IS_ON", False)
    assert switched_off() == ["tux.models.compiled is off: what it builds on has changed"]


def test_the_time_of_a_built_in_function_is_its_callers_but_for_known_ones():
    reader, poll = ("<string>", 1, "read"), ("~", 0, "<method 'poll' of 'select.epoll' objects>")
    driver, built_in = ("/x/asyncpg/connection.py", 1, "fetch"), ("~", 0, "<built-in method builtins.len>")
    found = shared(
        {
            reader: (1, 1, 0.2, 0.4, {}),
            poll: (1, 1, 0.5, 0.5, {driver: (1, 1, 0.5, 0.5)}),
            built_in: (2, 2, 0.3, 0.3, {reader: (1, 1, 0.1, 0.1), driver: (1, 1, 0.2, 0.2)}),
        }
    )
    assert found[WAITING] == pytest.approx(0.5)
    assert found[ROWS] == pytest.approx(0.3)
    assert found[DRIVER] == pytest.approx(0.2)
    assert found[REST] == 0
    assert set(found) == set(KINDS)


def test_growth_is_the_ratio_to_the_smallest_size():
    assert grown({1: [2.0, 4.0, 2.0], 100: [4.0, 6.0, 2.0]}) == {1: 1.0, 100: 1.5}


def test_a_section_of_a_page_is_replaced_and_the_rest_stays(tmp_path):
    first, last = mark("race")
    page = tmp_path / "page.md"
    page.write_text(f"# Title\n\n{first}\nold\n\n{last}\nend\n")
    write_sections(page, {"race": r"new \1"})
    assert page.read_text() == f"# Title\n\n{first}\nnew \\1\n\n{last}\nend\n"


def test_a_page_without_the_section_is_left_as_it_is(tmp_path):
    page = tmp_path / "page.md"
    page.write_text(replaced("".join(mark("race")), "race", "old"))
    before = page.read_text()
    with pytest.raises(SystemExit, match="figures"):
        write_sections(page, {"race": "new", "figures": "new"})
    assert page.read_text() == before


def test_the_page_of_the_documentation_has_all_sections():
    text = Path(ROOT, "docs/performance.md").read_text(encoding="utf-8")
    for name in ("race", "figures", "profile", "without", "scaling"):
        assert replaced(text, name, "x") != text


def test_halves_and_doubles_are_equally_far_from_the_line():
    assert place(1.0) - place(0.5) == pytest.approx(place(2.0) - place(1.0))
    assert LABEL <= place(0.0) < place(TICKS[0]) < place(TICKS[-1]) <= place(1e9) == LABEL + PLOT


def test_the_charts_are_pictures_that_can_be_read():
    race = race_chart(made(tux=[40.0], leased=[38.0], asyncpg=[100.0], tortoise=[9000.0]))
    grown = {"get_by_id": dict.fromkeys(SIZES, 1.0)}
    who = ("tux", "models", "tortoise")
    scaling = scaling_chart({10: dict.fromkeys(who, 0.01), 500: dict.fromkeys(who, 0.5)}, grown)
    for chart in (race, scaling):
        root = ET.fromstring(chart)  # noqa: S314 - our own
        assert root.tag.endswith("svg")
        assert "prefers-color-scheme:dark" in chart
    assert "get_by_id" in race
    assert "get_by_id" not in race_chart(made(tux=[40.0], asyncpg=[100.0]), busy=True)  # at one task only
    assert ">0.40<" in race
    assert ">90<" in race  # beyond the scale


def test_what_is_asked_for_is_understood():
    given = arguments(["--only", "count", "--without", "orjson", "--rounds", "9"])
    assert (given.only, given.without, given.rounds, given.quick) == ("count", "orjson", 9, False)


def test_a_page_is_written_by_whole_runs_only():
    assert arguments(["--write", "page.md"]).parts == ("race", "figures", "without")
    assert arguments(["--scaling"]).parts == ("scaling",)
    assert arguments(["--only", "count"]).parts == ("race",)
    assert arguments(["--parts", "figures,without"]).parts == ("figures", "without")
    for words in (["--write", "page.md", "--only", "count"], ["--parts", "nothing"]):
        with pytest.raises(SystemExit):
            arguments(words)


def test_what_a_missed_goal_says_has_its_floor_and_what_takes_the_time():
    found = made(tux=[50.0], leased=[40.0], asyncpg=[100.0])
    profile = dict.fromkeys(KINDS, 0.0) | {WAITING: 0.75}
    head, lines = where_time_goes(found, {("get_by_id", 1): profile})
    line = dict(zip(head, lines[0], strict=True))
    assert (line["tux"], line["goal"], line["leased"], line[WAITING], line[ROWS]) == (
        "0.50",
        "0.45",
        "0.40",
        "75%",
        "0%",
    )


def test_sections_are_printed_and_written_with_the_words_before_the_first(tmp_path):
    page = tmp_path / "page.md"
    page.write_text("".join(mark("race")) + "".join(mark("profile")))
    given = arguments(["--write", str(page)])
    keep(given, Console(quiet=True), {"race": [(("a",), [["1"]])], "profile": []}, "Commit x.")
    text = page.read_text()
    assert "\n\nCommit x.\n\n| a |\n| --- |\n| 1 |\n\n" in text
    assert ALL_MET in text


def test_the_made_plugins_load(tmp_path):
    make_project(tmp_path, 2)
    (tmp_path / "config" / "tux.toml").write_text('[plugins]\nfolder = "many"\nentry_points = false\n')
    (tmp_path / "plugins").rename(tmp_path / "many")
    for file in (tmp_path / "many").glob("*/managers.py"):
        file.write_text(file.read_text().replace("plugins.", "many."))
    registry = Registry.load(tmp_path, load_settings(tmp_path))
    assert {name: record.reason for name, record in registry.records.items()} == {"core": "", "p000": "", "p001": ""}
    assert len(registry.records["p001"].models) == len(registry.records["p001"].managers) == 1


async def test_answers_come_late_and_in_their_order():
    from tests.benchmarks.wire import _pass_later

    reader = asyncio.StreamReader()
    seen = []

    class Writer:
        write = staticmethod(seen.append)
        close = staticmethod(lambda: seen.append(b"closed"))

    for part in (b"one", b"two"):
        reader.feed_data(part)
        await asyncio.sleep(0)
    reader.feed_eof()
    began = asyncio.get_running_loop().time()
    await _pass_later(reader, Writer(), 0.05)
    assert seen == []
    await asyncio.sleep(0.08)
    assert b"".join(seen) == b"onetwoclosed"
    assert asyncio.get_running_loop().time() - began >= 0.05
