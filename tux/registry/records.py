"""What the registry knows of one plugin."""

from __future__ import annotations

import time
import traceback
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any

from loguru import logger
from pydantic import ValidationError

from tux.clock import now
from tux.errors import PluginError

if TYPE_CHECKING:
    from collections.abc import Callable, Generator
    from datetime import datetime

    from tortoise import Model

    from tux.manager import Manager
    from tux.plugin import Plugin


# pydantic's words for what is wrong in a manifest most often
_PLAIN = {"extra_forbidden": "unknown key", "missing": "is missing"}


class State(StrEnum):
    """Where a plugin stands."""

    READY = "ready"
    OFF = "off"
    FAILED = "failed"
    BLOCKED = "blocked"


@dataclass(slots=True)
class PluginRecord:
    """One plugin: its manifest, what it registered, and its state with the reason.

    `plugin` is None when the manifest itself could not be read. `took` is the seconds spent loading it. `phase` is the
    last one that was entered: manifest, order, models, managers, schema or cog. What stands in `leaving` is called once,
    when the plugin enters another state.
    """

    name: str
    package: str
    path: Path
    plugin: Plugin | None = None
    state: State = State.READY
    phase: str = "manifest"
    reason: str = ""
    error: BaseException | None = None
    since: datetime = field(default_factory=now)
    took: float = 0.0
    model_module: str | None = None
    cog_module: str | None = None
    models: tuple[type[Model], ...] = ()
    managers: tuple[type[Manager[Any]], ...] = ()
    tables: tuple[str, ...] = ()
    leaving: list[Callable[[], object]] = field(default_factory=list["Callable[[], object]"])

    @property
    def needs(self) -> tuple[str, ...]:
        """The plugins that must be ready first; everything needs `core`."""
        own = self.plugin.needs if self.plugin else ()
        return own if self.name == "core" else ("core", *own)

    def settle(self, state: State, reason: str = "", error: BaseException | None = None) -> None:
        """Enter a state, with its reason, and log it."""
        self.state, self.reason, self.error, self.since = state, reason, error, now()
        while self.leaving:
            self.leaving.pop()()
        log = logger.bind(plugin=self.name)
        if state is State.FAILED:
            log.opt(exception=error).error("Plugin failed in {}: {}", self.phase, reason)
        elif state is State.BLOCKED:
            log.warning("Plugin is blocked: {}", reason)

    @contextmanager
    def loading(self, phase: str) -> Generator[None]:
        """Account the time inside to this plugin, and make what is raised there its failure."""
        self.phase = phase
        started = time.perf_counter()
        try:
            yield
        # one plugin's broken code must not stop the others; a call of sys.exit() in it is broken code, too
        except (Exception, SystemExit) as error:  # noqa: BLE001
            reason = describe_error(error, self.path).removeprefix(f"plugin {self.name!r}: ")
            self.settle(State.FAILED, reason, _from_plugin(error, self.path))
        finally:
            self.took += time.perf_counter() - started


def describe_error(error: BaseException, folder: Path) -> str:
    """Return an error as one line: what, and the last line of the plugin's own files that it went through."""
    if isinstance(error, SyntaxError) and error.filename:
        return f"syntax error in {error.filename}, line {error.lineno}: {error.msg}"
    if isinstance(error, PluginError):
        return str(error)
    if isinstance(error, ValidationError):
        problems = error.errors(include_url=False, include_input=False)
        return "; ".join(
            ": ".join([*filter(None, [".".join(map(str, each["loc"]))]), _PLAIN.get(each["type"], each["msg"])])
            for each in problems
        )
    text = " ".join(f"{type(error).__name__}: {error}".split())
    own = [frame for frame in traceback.extract_tb(error.__traceback__) if Path(frame.filename).is_relative_to(folder)]
    return f"{text} ({own[-1].filename}, line {own[-1].lineno})" if own else text


def _from_plugin(error: BaseException, folder: Path) -> BaseException:
    """Return the error with the part of its traceback that begins in the plugin: an author needs no line of the loader."""
    step = error.__traceback__
    while step and not Path(step.tb_frame.f_code.co_filename).is_relative_to(folder):
        step = step.tb_next
    is_told = isinstance(error, SyntaxError | PluginError)  # the message names file and line, or what was refused
    return error.with_traceback(step) if step or is_told else error
