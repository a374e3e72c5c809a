"""The person's side of the console: lines from a keyboard, a pipe or a script, and the screen."""

from __future__ import annotations

import asyncio
import io
import queue
import shutil
import sys
import threading
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Protocol, TextIO

from rich.cells import cell_len
from rich.console import Console as Screen

from tux.offline.completion import DELIMITERS, Vocabulary, completions

if TYPE_CHECKING:
    from collections.abc import Callable, Generator
    from pathlib import Path

SCRIPT_WIDTH = 80
HISTORY_LINES = 1000
# how `errors=` keeps a byte that is no text: as a lone surrogate, which `check_text` of tux.offline.script finds
KEPT_BYTES = "surrogateescape"
_MIN_WIDTH = 40


class Lines(Protocol):
    """Where lines come from."""

    async def next(self, prompt: str) -> str | None:
        """Return the next line, or None at the end."""
        ...


class ScriptLines:
    """The lines of a text that is there already."""

    def __init__(self, text: str) -> None:
        self._lines = iter(text.splitlines())

    async def next(self, prompt: str) -> str | None:  # noqa: ARG002 - a script needs no prompt
        """Return the next line, or None at the end."""
        return next(self._lines, None)


class TypedLines:
    """Lines from standard input, typed or piped, read in a thread so that the bot goes on while nobody types.

    The thread is a daemon: one that waits for a key must not hold up the end of the program.
    """

    def __init__(self, read: Callable[[str], str]) -> None:
        self._read = read
        self._shown: str | None = None
        self._prompts: queue.SimpleQueue[tuple[str, asyncio.Future[str | None]]] = queue.SimpleQueue()
        threading.Thread(target=self._serve, name="console input", daemon=True).start()

    async def next(self, prompt: str) -> str | None:
        """Return the next line, or None at the end."""
        answer: asyncio.Future[str | None] = asyncio.get_running_loop().create_future()
        self._prompts.put((prompt, answer))
        return await answer

    @contextmanager
    def aside(self) -> Generator[None]:
        """Take the prompt and what was typed after it off the terminal, and put them back below what was written."""
        prompt = self._shown
        if prompt is None:
            yield
            return
        line = prompt + _typed()
        rows_above = max(cell_len(line) - 1, 0) // shutil.get_terminal_size().columns
        up = f"\x1b[{rows_above}A" if rows_above else ""
        print(f"{up}\r\x1b[J", end="", flush=True)  # noqa: T201 - the terminal's own signs, which rich would escape
        yield
        print(line, end="", flush=True)  # noqa: T201 - as above

    def _serve(self) -> None:
        while True:
            self._shown, answer = self._prompts.get()
            try:
                line: str | None = self._read(self._shown)
            except (EOFError, KeyboardInterrupt, OSError, ValueError):  # the last two: the terminal is gone, or closed
                line = None
            self._shown = None
            with suppress(RuntimeError):  # the loop was closed while somebody typed
                answer.get_loop().call_soon_threadsafe(_settle, answer, line)


def _typed() -> str:
    """Return what stands behind the prompt; nothing is known of it without the readline module (Windows)."""
    try:
        import readline
    except ImportError:
        return ""
    return readline.get_line_buffer()


def _settle(answer: asyncio.Future[str | None], line: str | None) -> None:
    if not answer.done():
        answer.set_result(line)


def is_typed() -> bool:
    """Return whether a person types; a program that was started without a standard input has none at all."""
    stdin: object = sys.stdin
    return isinstance(stdin, io.TextIOBase) and stdin.isatty()


def read_pipe(_prompt: str) -> str:
    """Return the next line of a pipe.

    Raises:
        EOFError: there is none.
    """
    stdin: object = sys.stdin
    line = stdin.readline() if isinstance(stdin, io.TextIOBase) else ""
    if not line:
        raise EOFError
    return line.rstrip("\n")


def open_input(*, piped: bool) -> None:
    """Let bytes that are no text come through standard input, so that only the line that holds them is refused."""
    stdin: object = sys.stdin
    if isinstance(stdin, io.TextIOWrapper):
        stdin.reconfigure(encoding="utf-8-sig" if piped else stdin.encoding, errors=KEPT_BYTES)


def make_screen(*, scripted: bool, file: TextIO | None = None) -> Screen:
    """Return standard output (or a file): as wide as the terminal, in colour on one; a script's is 80 wide and plain."""
    stdout: object = sys.stdout
    if isinstance(stdout, io.TextIOWrapper):
        stdout.reconfigure(errors="replace")  # an emoji must not stop a terminal that knows none
    if scripted:
        return Screen(file=file, width=SCRIPT_WIDTH, color_system=None, highlight=False, markup=False, emoji=False)
    screen = Screen(file=file, highlight=False, markup=False, emoji=False, legacy_windows=False)
    screen.width = max(screen.width, _MIN_WIDTH)
    return screen


@contextmanager
def keyboard(history: Path, vocabulary: Callable[[], Vocabulary]) -> Generator[None]:
    """Give `input` a history that outlives the program and completion by Tab, and leave the terminal as it was.

    Without the readline module (Windows) lines are plain.
    """
    try:
        import readline
    except ImportError:
        yield
        return
    history.parent.mkdir(parents=True, exist_ok=True)
    with suppress(OSError):
        readline.read_history_file(history)
    offered: list[str] = []

    def complete(_word: str, state: int) -> str | None:
        if state == 0:
            offered[:] = completions(readline.get_line_buffer()[: readline.get_endidx()], vocabulary())
        return offered[state] if state < len(offered) else None

    readline.set_completer_delims(DELIMITERS)
    readline.set_completer(complete)
    # macOS has libedit in the place of GNU readline, with another language
    readline.parse_and_bind("bind ^I rl_complete" if "libedit" in (readline.__doc__ or "") else "tab: complete")
    readline.set_auto_history(True)
    try:
        with _same_terminal():
            yield
    finally:
        readline.set_completer(None)
        readline.set_history_length(HISTORY_LINES)
        with suppress(OSError):
            readline.write_history_file(history)


@contextmanager
def _same_terminal() -> Generator[None]:
    """Undo what readline did to the terminal when it was left in the middle of a line."""
    import termios

    mode = termios.tcgetattr(sys.stdin)
    try:
        yield
    finally:
        termios.tcsetattr(sys.stdin, termios.TCSADRAIN, mode)
