"""What came out of the race: a table, bench.json and a chart."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from xml.sax.saxutils import escape

from rich.table import Table

from tests.benchmarks.operations import OPERATIONS

if TYPE_CHECKING:
    from tests.benchmarks.race import Result

COLOURS = {"tux": "#2f6f4f", "leased": "#b9c4cc", "asyncpg": "#7d8b96", "tortoise": "#c99a3b", "sqlalchemy": "#a4493d"}
BASE = "asyncpg"
LABEL, WIDTH, BAR, GAP = 210, 620, 7, 12
LONGEST = 6.0  # times asyncpg; what takes longer is cut and says so


def figures(result: Result) -> dict[str, Any]:
    """Return what bench.json holds: medians in µs for each call."""
    made: dict[str, Any] = {}
    for operation in OPERATIONS:
        for tasks in operation.tasks:
            times = {name: each for name, each in result.times[operation.name, tasks].items() if each.wall}
            made.setdefault(operation.name, {})[str(tasks)] = {
                **{name: round(each.median, 1) for name, each in times.items()},
                "round_trips": result.trips[operation.name],
                "same": operation.same,
                "range": {name: [round(min(each.wall), 1), round(max(each.wall), 1)] for name, each in times.items()},
                "cpu": {
                    name: round(sorted(each.processor)[len(each.processor) // 2], 1) for name, each in times.items()
                },
            }
    return made


def table(made: dict[str, Any]) -> Table:
    """Return the table: ratios to asyncpg's pool, with the goal of Tux and its round trips."""
    names = [name for name in COLOURS if any(name in each for tasks in made.values() for each in tasks.values())]
    shown = Table("operation", "tasks", *names, "goal", "asyncpg µs", "round trips: tux / asyncpg / tortoise", "same")
    for operation in OPERATIONS:
        for tasks, each in made[operation.name].items():
            goal = operation.goal if tasks != "32" else operation.busy_goal
            trips = each["round_trips"]
            shown.add_row(
                operation.name,
                tasks,
                *(f"{each[name] / each[BASE]:.2f}" if name in each else "-" for name in names),
                f"≤ {goal:.2f}" if goal else "-",
                f"{each[BASE]:,.0f}",
                " / ".join(str(trips.get(name, "-")) for name in ("tux", BASE, "tortoise")),
                each["same"],
            )
    return shown


def chart(made: dict[str, Any]) -> str:
    """Return the ratios at one task as an SVG of bars; the line is asyncpg's pool."""
    rows: list[str] = []
    top = 40
    for operation in OPERATIONS:
        tasks, each = next(iter(made[operation.name].items()))
        names = [name for name in COLOURS if name in each and name != BASE]
        middle = top + len(names) * BAR / 2 + 4
        name = operation.name if tasks == "1" else f"{operation.name} ({tasks} tasks)"
        rows.append(f'<text x="{LABEL - 8}" y="{middle:.0f}" text-anchor="end">{escape(name)}</text>')
        for name in names:
            ratio = each[name] / each[BASE]
            width = min(ratio, LONGEST) / LONGEST * WIDTH
            rows.append(f'<rect x="{LABEL}" y="{top}" width="{width:.1f}" height="{BAR - 1}" fill="{COLOURS[name]}"/>')
            if ratio > LONGEST or name == "tux":
                rows.append(f'<text x="{LABEL + width + 4:.1f}" y="{top + BAR - 1}" class="n">{ratio:.2f}</text>')
            top += BAR
        top += GAP
    line = LABEL + WIDTH / LONGEST
    legend = "".join(
        f'<rect x="{LABEL + 120 * place}" y="12" width="10" height="10" fill="{COLOURS[name]}"/>'
        f'<text x="{LABEL + 120 * place + 14}" y="21">{name}</text>'
        for place, name in enumerate(name for name in COLOURS if name != BASE)
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {LABEL + WIDTH + 60} {top + 24}" font-family="sans-serif"'
        ' font-size="11"><style>.n{font-size:8px;fill:#444}</style>'
        f'<rect width="100%" height="100%" fill="#fff"/>{legend}{"".join(rows)}'
        f'<line x1="{line:.0f}" x2="{line:.0f}" y1="30" y2="{top}" stroke="#222" stroke-dasharray="3 3"/>'
        f'<text x="{line + 4:.0f}" y="{top + 14}">1.00 = asyncpg, pool.fetch</text></svg>\n'
    )
