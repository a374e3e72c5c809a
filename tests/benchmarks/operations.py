"""The operations: their goals, what is put in order around a block, and what may not get worse."""

from __future__ import annotations

from dataclasses import dataclass, field

from tests.benchmarks.data import GUILD, NEW

_EVERYWHERE = frozenset({"case_id", "case_number", "case_created_at"})
_LEVELS = frozenset({"id", "member_id", "created_at", "updated_at"})
_NEW_LEVELS = f"DELETE FROM levels_member_levels WHERE member_id >= {NEW}"


@dataclass(frozen=True)
class Operation:
    """One row of the table.

    `trips` and the goals (`goal` at one task, `busy_goal` at more, as ratios to asyncpg) are those of Tux; `same` says
    whether asyncpg runs the same SQL or only reaches the same result. Values of columns in `made` differ from call to
    call, so only their types are compared. A bulk operation runs once in a block. Of the numbered ones, the numbers in
    the guild of the first call must have no gap afterwards.
    """

    name: str
    goal: float
    busy_goal: float = 0.0
    trips: int = 1
    same: str = "sql"
    tasks: tuple[int, ...] = (1, 32)
    is_bulk: bool = False
    is_crowd: bool = False
    made: frozenset[str] = field(default_factory=frozenset[str])
    before: str = ""
    after: str = ""

    def goal_at(self, tasks: int) -> float:
        """Return the goal at so many tasks, 0 when there is none."""
        return self.goal if tasks == self.tasks[0] else self.busy_goal


OPERATIONS = (
    Operation("get_by_id", 0.45, 0.42),
    Operation("find_one", 0.46, 0.45),
    Operation("guild_config", 0.42, 0.42),
    Operation("find_all_50", 0.80, 0.90),
    Operation("find_all_1000", 1.50, 1.80),
    Operation("count", 0.46, 0.40),
    Operation("create_case", 0.40, 0.40, same="result", made=_EVERYWHERE),
    Operation("create_case_same_sql", 0.70, 0.70, made=_EVERYWHERE),
    Operation("create_case_one_guild", 0.20, same="result", tasks=(50,), made=_EVERYWHERE),
    Operation("update_by_id", 0.64, 0.52, same="result"),
    Operation("add_xp", 0.63, 0.30, made=_LEVELS, after=_NEW_LEVELS),
    Operation("get_or_create_hit", 0.44, 0.44, same="result"),
    Operation("get_or_create_miss", 0.56, 0.50, same="result", trips=2, made=_LEVELS, after=_NEW_LEVELS),
    Operation("update_where", 0.0, same="result"),
    Operation("page_1", 0.55, 0.70, same="result"),
    Operation("page_1_usual", 0.55, 0.70, same="result"),
    Operation("page_200", 0.05, 0.06, same="result"),
    Operation("keyset_same_sql", 0.80, 0.95, same="result"),
    Operation("get_levels_batch", 0.80, 0.90),
    Operation(
        "bulk_create_10000",
        1.15,
        same="result",
        is_bulk=True,
        tasks=(1,),
        trips=4,
        after=f"DELETE FROM snippets_snippets WHERE guild_id = {GUILD} AND snippet_name LIKE 'bulk %'",
    ),
    Operation("bulk_update_1000", 1.10, same="result", is_bulk=True, tasks=(1,)),
    Operation(
        "delete_where",
        0.85,
        same="result",
        before=(
            "INSERT INTO snippets_snippets (guild_id, snippet_name, alias)"
            f" SELECT {GUILD}, format('gone %s %s %s', {{number}}, call, row), format('gone %s %s', {{number}}, call)"
            " FROM generate_series(0, {calls} - 1) AS call, generate_series(1, 5) AS row"
        ),
        after=f"DELETE FROM snippets_snippets WHERE guild_id = {GUILD} AND alias LIKE 'gone %'",
    ),
    Operation("author_get", 0.50),
    Operation("crowd_get_by_id", 1 / 8, tasks=(200,), is_crowd=True),
    Operation("crowd_add_xp", 1 / 6, tasks=(200,), is_crowd=True, made=_LEVELS, after=_NEW_LEVELS),
    Operation("crowd_create_case", 1 / 18, same="result", tasks=(200,), is_crowd=True, made=_EVERYWHERE),
)
BY_NAME = {operation.name: operation for operation in OPERATIONS}
