"""What a person waits for: imports, the start of the bot, a command; and the memory of an idle bot."""

from __future__ import annotations

import asyncio
import json
import os
import resource
import statistics
import subprocess
import sys
import time
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[2]
COMMANDS = ("!warn @bob spam", "!cases list", "!prefix", "!plugins", "!cases view 1", "!warn")


class Figure(NamedTuple):
    """Something that was measured, beside its goal; `met` is None where there is none."""

    name: str
    value: str
    goal: str = "-"
    met: bool | None = None
    note: str = ""


def run(code: str) -> str:
    """Return the last line that a new Python process prints; it keeps byte code, as an installation does."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode:
        message = f"{code}\n{done.stderr[-2000:]}"
        raise SystemExit(message)
    return done.stdout.strip().rpartition("\n")[2]


def import_figures(rounds: int = 7) -> list[Figure]:
    """Median seconds of `import tux` in a new process, and which heavy packages it pulled in (none is right)."""
    code = (
        "import sys, time; t = time.perf_counter(); import tux; s = time.perf_counter() - t;"
        "print(s, [m for m in ('discord', 'aerich', 'tortoise') if m in sys.modules])"
    )
    outputs = [run(code).split(" ", 1) for _ in range(rounds)]
    seconds, heavy = statistics.median(float(seconds) for seconds, _ in outputs), outputs[0][1]
    met = seconds <= 0.3 and heavy == "[]"
    return [Figure("import tux", f"{seconds * 1000:.0f} ms", "≤ 300 ms", met, f"heavy packages: {heavy}")]


def bot_figures(rounds: int = 5) -> list[Figure]:
    """Start of the bot, mean time of a command, memory; and what a message costs that nobody is interested in."""
    from tests.benchmarks.listening import quiet_figures

    found = json.loads(run(f"from tests.benchmarks.figures import measure_bot; measure_bot({rounds})"))
    start, command, idle = found["start_seconds"], found["command_seconds"], found["idle_bytes"] / 2**20
    return [
        Figure("start of the bot", f"{start:.2f} s", "≤ 1 s", start <= 1, "all plugins, local Discord, database up"),
        Figure("a command", f"{command * 1000:.1f} ms", "≤ 100 ms", command <= 0.1, "said, answered and settled, mean"),
        Figure("idle memory", f"{idle:.0f} MB", "≤ 120 MB", idle <= 120, "bot and local Discord in one process"),
        *quiet_figures(found),
    ]


def measure_bot(rounds: int) -> None:
    """Print the bot's figures as JSON; runs in a process of its own, so that the memory is the bot's."""
    print(json.dumps(asyncio.run(_measure_bot(rounds))))


async def _measure_bot(rounds: int) -> dict[str, float]:
    from loguru import logger

    from tests.benchmarks.listening import listen
    from tux.bot import Tux
    from tux.offline.driver import LocalDiscord
    from tux.settings import load_settings
    from tux.testing import scratch_database

    logger.remove()
    settings = load_settings(ROOT)
    async with scratch_database(ROOT) as url:
        started = time.perf_counter()
        async with LocalDiscord.run(lambda **options: Tux(settings, url=url, **options)) as discord:
            start = time.perf_counter() - started
            idle = resident_bytes()
            discord.member("bob")
            times: list[float] = []
            for line in COMMANDS * rounds:
                began = time.perf_counter()
                reply = await discord.owner.says(line)
                times.append(time.perf_counter() - began)
                if not reply.text:
                    message = f"the bot did not answer {line!r}"
                    raise SystemExit(message)
            listened = await listen(discord)
    return {"start_seconds": start, "idle_bytes": idle, "command_seconds": statistics.mean(times), **listened}


def resident_bytes() -> int:
    """Return the memory of this process: what is resident now on Linux, the peak elsewhere."""
    try:
        fields = Path("/proc/self/statm").read_text(encoding="ascii").split()
    except OSError:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return int(fields[1]) * resource.getpagesize()
