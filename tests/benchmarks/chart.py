"""The charts: plain SVG that is readable on light and on dark pages."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any
from xml.sax.saxutils import escape

from tests.benchmarks.growth import GOAL, SIZES
from tests.benchmarks.operations import BY_NAME
from tests.benchmarks.report import BASE, ORDER
from tests.benchmarks.starting import GOAL_SECONDS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

SHOWN = [name for name in ORDER if name != BASE]
STYLE = """
text{fill:#24292f}.m{fill:#57606a}.g{stroke:#d0d7de}.one{stroke:#24292f}.p{fill:#fff}
.tux{fill:#1a7f4b}.leased{fill:#8c959f}.tortoise{fill:#d29922}.sqlalchemy{fill:#cf4a3c}.goal{stroke:#0969da}
.l-tux{stroke:#1a7f4b}.l-leased{stroke:#8c959f}.l-tortoise{stroke:#d29922}
@media(prefers-color-scheme:dark){text{fill:#e6edf3}.m{fill:#9198a1}.g{stroke:#3d444d}.one{stroke:#e6edf3}.p{fill:#0d1117}
.tux{fill:#3fb971}.leased{fill:#7d8590}.tortoise{fill:#d8a63a}.sqlalchemy{fill:#f0705f}.goal{stroke:#58a6ff}}
"""
STARTS = (
    ("tortoise", "tortoise", "models in plain Tortoise"),
    ("tux", "leased", "tux: manifests, models, managers"),
    ("models", "tux", "the same models in tux"),
)
LABEL, PLOT, RIGHT = 230, 640, 70
BAR, THIN, GAP, TOP = 9, 5, 9, 64
LEAST, MOST = 0.04, 16.0  # what is beyond is cut, and its number says so
TICKS = (0.05, 0.1, 0.25, 0.5, 1.0, 2.0, 4.0, 8.0, 16.0)


def place(ratio: float) -> float:
    """Return where a ratio is: halves and doubles are equally far apart."""
    within = min(max(ratio, LEAST), MOST)
    return LABEL + PLOT * math.log(within / LEAST) / math.log(MOST / LEAST)


def text(x: float, y: float, words: str, *, anchor: str = "start", kind: str = "", size: int = 11) -> str:
    """Return words."""
    named = f' class="{kind}"' if kind else ""
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" font-size="{size}"{named}>{escape(words)}</text>'


def line(x: float, top: float, bottom: float, kind: str, dash: str = "") -> str:
    """Return an upright line."""
    dashes = f' stroke-dasharray="{dash}"' if dash else ""
    return f'<line x1="{x:.1f}" x2="{x:.1f}" y1="{top:.1f}" y2="{bottom:.1f}" class="{kind}"{dashes}/>'


def bar(ratio: float, top: float, height: float, kind: str) -> str:
    """Return a bar from 1.00 to a ratio."""
    first, last = sorted((place(1.0), place(ratio)))
    return f'<rect x="{first:.1f}" y="{top:.1f}" width="{max(last - first, 1):.1f}" height="{height}" rx="1" class="{kind}"/>'


def svg(width: float, height: float, title: str, parts: Iterable[str]) -> str:
    """Return a picture."""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.0f} {height:.0f}" role="img"'
        f' font-family="system-ui,Segoe UI,Helvetica,Arial,sans-serif"><title>{escape(title)}</title>'
        f'<style>{STYLE.replace(chr(10), "")}</style><rect width="100%" height="100%" class="p"/>{"".join(parts)}</svg>\n'
    )


def operation_bars(label: str, each: dict[str, Any], goal: float, top: float) -> tuple[str, float]:
    """Return the bars of an operation, and where the next begins."""
    found = {who: each["ratio"][who][0] for who in SHOWN if who in each["ratio"]}
    height = sum(BAR if who == "tux" else THIN + 1 for who in found)
    parts = [text(LABEL - 10, top + height / 2 + 4, label, anchor="end")]
    y = top
    for who, ratio in found.items():
        thick = BAR if who == "tux" else THIN
        parts.append(bar(ratio, y, thick, who))
        if who == "tux":
            parts.append(text(LABEL + PLOT + RIGHT - 12, y + thick - 0.5, f"{ratio:.2f}", anchor="end"))
        elif ratio > MOST:
            parts.append(text(place(ratio) + 4, y + thick, f"{ratio:.0f}", kind="m", size=9))
        if who == "tux" and goal:
            parts.append(f'<path d="M{place(goal):.1f} {y - 2:.1f}v{BAR + 4}" class="goal" stroke-width="2"/>')
        y += thick + (0 if who == "tux" else 1)
    return "".join(parts), top + height + GAP


def race_chart(made: dict[str, Any], *, busy: bool = False) -> str:
    """Return the ratios to asyncpg's pool at the fewest tasks each operation was run with; `busy`, at the most of several."""
    bars: list[str] = []
    top: float = TOP
    for name, by_tasks in made.items():
        if busy and len(by_tasks) == 1:
            continue
        tasks, each = list(by_tasks.items())[-1 if busy else 0]
        goal = BY_NAME[name].goal_at(int(tasks))
        label = name if tasks == "1" or busy else f"{name.removeprefix('crowd_')}, {tasks} tasks"
        drawn, top = operation_bars(label, each, goal, top)
        bars.append(drawn)
    scale = [line(place(tick), TOP - 8, top, "one" if tick == 1.0 else "g") for tick in TICKS]
    scale += [text(place(tick), TOP - 14, f"{tick:g}", anchor="middle", kind="m", size=10) for tick in TICKS]
    legend = [
        f'<rect x="{LABEL + 96 * number}" y="12" width="11" height="11" rx="2" class="{who}"/>'
        + text(LABEL + 96 * number + 16, 22, who)
        for number, who in enumerate(SHOWN)
    ]
    x = LABEL + 96 * len(SHOWN)
    legend.append(f'<path d="M{x + 4} 11v13" class="goal" stroke-width="2"/>' + text(x + 12, 22, "goal of tux"))
    legend.append(text(LABEL + PLOT + RIGHT - 12, TOP - 14, "tux", anchor="end", kind="m", size=10))
    legend.append(text(place(1.0) + 6, top + 12, "1 = asyncpg, pool.fetch; left of it is faster", kind="m", size=10))
    return svg(
        LABEL + PLOT + RIGHT, top + 24, "Time of each operation as a ratio to asyncpg's pool", [*scale, *bars, *legend]
    )


def scaling_chart(starts: Mapping[int, Mapping[str, float]], grown: Mapping[str, Mapping[int, float]]) -> str:
    """Return how the start takes more plugins, and how the operations take more rows."""
    left, right = start_plot(starts), growth_plot(grown)
    height = max(400.0, 96.0 + 17 * len(grown))
    return svg(960, height, "Start with ever more plugins; operations on ever more rows", [left, right])


def start_plot(starts: Mapping[int, Mapping[str, float]]) -> str:
    """Return the seconds of CPU of the start over the number of plugins."""
    x0, y0, width, height = 56.0, 340.0, 340.0, 270.0
    most = max(max(each.values()) for each in starts.values())
    top = max(most, GOAL_SECONDS) * 1.3  # room for the legend
    many = max(starts)

    def at(count: float, seconds: float) -> tuple[float, float]:
        return x0 + width * count / many, y0 - height * seconds / top

    parts = [text(x0, 30, "Start: seconds of CPU by number of plugins", size=13)]
    step = 0.2 if top < 1.4 else 0.5
    for number in range(int(top / step) + 1):
        y = at(0, number * step)[1]
        parts.append(f'<line x1="{x0}" x2="{x0 + width}" y1="{y:.1f}" y2="{y:.1f}" class="g"/>')
        parts.append(text(x0 - 6, y + 4, f"{number * step:.1f}", anchor="end", kind="m", size=10))
    parts += [text(at(count, 0)[0], y0 + 16, str(count), anchor="middle", kind="m", size=10) for count in starts]
    gx, gy = at(many, GOAL_SECONDS)
    parts.append(f'<path d="M{gx - 18:.1f} {gy:.1f}h18" class="goal" stroke-width="3"/>')
    parts.append(text(gx - 22, gy + 4, "goal", anchor="end", kind="m", size=10))
    for number, (who, kind, label) in enumerate(STARTS):
        points = [at(count, each[who]) for count, each in starts.items()]
        track = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
        parts.append(f'<polyline points="{track}" fill="none" class="l-{kind}" stroke-width="2"/>')
        parts += [f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4" class="{kind}"/>' for x, y in points]
        parts.append(f'<circle cx="{x0 + 14}" cy="{58 + 18 * number}" r="5" class="{kind}"/>')
        parts.append(text(x0 + 26, 62 + 18 * number, label))
    return "".join(parts)


def growth_plot(grown: Mapping[str, Mapping[int, float]]) -> str:
    """Return what a hundred times the rows cost each operation."""
    x0, x1, top, row = 600.0, 930.0, 64.0, 17.0
    low, high = 0.5, 2.0
    most = max(SIZES)

    def at(ratio: float) -> float:
        return x0 + (x1 - x0) * (min(max(ratio, low), high) - low) / (high - low)

    bottom = top + row * len(grown)
    parts = [text(460, 30, f"Time of a call on {most} x the rows, as a ratio to 1 x", size=13)]
    for tick in (0.5, 1.0, 1.5, 2.0):
        parts.append(line(at(tick), top - 6, bottom, "one" if tick == 1.0 else "g"))
        parts.append(text(at(tick), top - 12, f"{tick:g}", anchor="middle", kind="m", size=10))
    parts.append(line(at(GOAL), top - 6, bottom, "goal", "4 3"))
    parts.append(text(at(GOAL), bottom + 14, f"goal {GOAL}", anchor="middle", kind="m", size=10))
    for number, (name, each) in enumerate(grown.items()):
        y = top + row * number + row / 2
        parts.append(text(x0 - 12, y + 4, name, anchor="end"))
        parts += [
            f'<circle cx="{at(ratio):.1f}" cy="{y:.1f}" r="{5 if times == most else 3}"'
            f' class="{"tux" if times == most else "leased"}"/>'
            for times, ratio in each.items()
            if times > 1
        ]
    parts.append(text(460, bottom + 14, f"large: {most} x, small: 10 x", kind="m", size=10))
    return "".join(parts)
