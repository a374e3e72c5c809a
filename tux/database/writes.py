"""Who wants to know which tables of one database were written, told after the commit.

The wire shows every statement to `touched_by`, so it does not matter who writes: a manager, `row.save()`, a queryset or
raw SQL. An autocommitted write is announced when it has ended, that of a transaction after its COMMIT, a rolled-back one
never. What another process wrote would be announced here, too.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from tux.database.written import targets_of

Listener = Callable[[int | None], object]

KEPT_PLANS = 2000
LONGEST_TEXT = 20_000
_TAKING = frozenset({"delete", "merge"})


class Touch(NamedTuple):
    """Rows of a table that were written: those of one scope, or any of them (None)."""

    table: str
    scope: int | None


class _Planned(NamedTuple):
    """What a statement touches: the scope is the value of the parameter with this number, unknown when that is 0."""

    table: str
    parameter: int


@dataclass(frozen=True, slots=True)
class Watched:
    """A table that somebody watches.

    `scope` is the whole-number column by which its rows are told apart. `parents` are the tables whose deletions reach
    its rows by foreign keys, each with its column that has the value of the scope.
    """

    table: str
    scope: str | None = None
    parents: Mapping[str, str | None] = field(default_factory=dict[str, str | None])


class Writes:
    """The watched tables of one database, and those who listen.

    `stores` is for listeners that belong to the database: what they keep goes with it.
    """

    def __init__(self) -> None:
        self.stores: dict[object, object] = {}
        self._watched: dict[str, Watched] = {}
        self._listeners: dict[str, list[Listener]] = {}
        self._plans: dict[str, tuple[_Planned, ...]] = {}

    def watch(self, watched: Watched, listener: Listener) -> None:
        """Call `listener` after each commit that wrote the table: with the scope, or None when any row may be meant."""
        self._watched[watched.table] = watched
        self._listeners.setdefault(watched.table, []).append(listener)
        self._plans.clear()

    def touched_by(self, sql: str, args: Sequence[object]) -> frozenset[Touch]:
        """Return what a statement would write of the watched tables."""
        if not self._watched:
            return NOTHING
        plan = self._plans.get(sql)
        if plan is None:
            plan = self._plan(sql)
        return frozenset(Touch(table, _scope(args, number)) for table, number in plan) if plan else NOTHING

    def whole_table(self, table: str) -> frozenset[Touch]:
        """Return what a write of any rows of a table touches."""
        return frozenset({Touch(table, None)}) if table in self._watched else NOTHING

    def announce(self, touches: Iterable[Touch]) -> None:
        """Tell the listeners what was written, now that everybody can read it."""
        for table, scope in touches:
            for listener in self._listeners.get(table, ()):
                listener(scope)

    def _plan(self, sql: str) -> tuple[_Planned, ...]:
        targets = targets_of(sql)
        if targets is None:
            found = [_Planned(table, 0) for table in self._watched]
        else:
            found = [
                _Planned(watched.table, number)
                for target in targets
                for watched in self._watched.values()
                for number in _numbers(watched, target.table, target.verb, target.equals)
            ]
        plan = tuple(dict.fromkeys(found))
        if len(sql) <= LONGEST_TEXT:
            if len(self._plans) >= KEPT_PLANS:
                self._plans.clear()
            self._plans[sql] = plan
        return plan


NOTHING: frozenset[Touch] = frozenset()


def _numbers(watched: Watched, table: str, verb: str, equals: Mapping[str, tuple[int, ...]]) -> tuple[int, ...]:
    """Return the parameters that tell the scopes of the rows of `watched` that are reached; 0 when any may be."""
    if table == watched.table:
        column = watched.scope
    elif table in watched.parents and verb in _TAKING:
        column = watched.parents[table]
    else:
        return ()
    return equals.get(column, (0,)) if column is not None else (0,)


def _scope(args: Sequence[object], number: int) -> int | None:
    value = args[number - 1] if 0 < number <= len(args) else None
    return value if isinstance(value, int) else None
