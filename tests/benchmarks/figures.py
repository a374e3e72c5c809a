"""What a person waits for: imports, the start of the bot, a command; and the memory of an idle bot."""

from __future__ import annotations

import asyncio
import json
import resource
import statistics
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
COMMANDS = ("!warn @bob spam", "!cases list", "!prefix", "!plugins", "!cases view 1", "!warn")


def run(code: str) -> str:
    """Return what a new Python process prints."""
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    return done.stdout.strip()


def import_seconds(rounds: int) -> dict[str, float | str]:
    """Median seconds of `import tux` in a new process, and which heavy packages it pulled in (none is right)."""
    code = (
        "import sys, time; t = time.perf_counter(); import tux; s = time.perf_counter() - t;"
        "print(s, [m for m in ('discord', 'aerich', 'tortoise') if m in sys.modules])"
    )
    outputs = [run(code).split(" ", 1) for _ in range(rounds)]
    return {"seconds": statistics.median(float(seconds) for seconds, _ in outputs), "heavy": outputs[0][1]}


def bot_figures(rounds: int) -> dict[str, float]:
    """Start of the bot on a database that is up, mean time of a command, and the process's peak memory, in a process of its own."""
    code = f"from tests.benchmarks.figures import measure_bot; measure_bot({rounds})"
    return json.loads(run(code).splitlines()[-1])


def measure_bot(rounds: int) -> None:
    """Print the bot's figures as JSON; runs in a process of its own, so that the memory is the bot's."""
    print(json.dumps(asyncio.run(_measure_bot(rounds))))


async def _measure_bot(rounds: int) -> dict[str, float]:
    from loguru import logger

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
    return {"start_seconds": start, "idle_bytes": idle, "command_seconds": statistics.mean(times)}


def resident_bytes() -> int:
    """Return the memory of this process: what is resident now on Linux, the peak elsewhere."""
    try:
        fields = Path("/proc/self/statm").read_text(encoding="ascii").split()
    except OSError:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return int(fields[1]) * resource.getpagesize()
