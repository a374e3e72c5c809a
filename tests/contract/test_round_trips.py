"""Every operation of a manager sends as many statements as docs/round-trips.md says."""

from __future__ import annotations

import inspect

import pytest

from tests.contract.operations import OPERATIONS, arrange
from tests.contract.round_trips import PAGE, render
from tests.counting import calls_of, count, operation_of, operations, unexplained
from tux.manager import Manager
from tux.registry import State

CALLS = [(manager, name) for manager, table in OPERATIONS.items() for name in table]
IDS = [f"{manager}-{name.replace(' ', '_')}" for manager, name in CALLS]

pytestmark = pytest.mark.roundtrips


@pytest.mark.parametrize(("manager", "name"), CALLS, ids=IDS)
async def test_an_operation_is_one_statement_unless_its_docstring_says_why(db, manager, name):
    call = calls_of(OPERATIONS[manager])[name]
    await arrange(db)
    answer = await count(call, db)
    answers_nothing = inspect.signature(getattr(db.find(manager), operation_of(name))).return_annotation == "None"
    assert answer or answers_nothing or not call.statements, (
        "the call found nothing, so it may have done less than usual"
    )


def managers(db):
    """Return the managers of core and of the plugins by their names."""
    assert all(record.state is State.READY for record in db.registry.records.values())
    return {manager.name: manager for record in db.registry.records.values() for manager in record.managers}


async def test_every_operation_of_a_plugins_manager_has_an_entry(db):
    own = {name: operations(manager, beyond=Manager) for name, manager in managers(db).items()}
    entries = {name: {operation_of(each) for each in table} for name, table in OPERATIONS.items()}
    assert {name: found for name, found in own.items() if found} == entries


async def test_more_or_less_than_one_statement_has_a_reason_that_a_docstring_gives(db):
    known = managers(db)
    assert {
        name: wrong for name, table in OPERATIONS.items() if (wrong := unexplained(known[name], table, beyond=Manager))
    } == {}


def test_the_page_of_round_trips_is_fresh():
    assert PAGE.read_text(encoding="utf-8") == render(), "run: python -m tests.contract.round_trips"
