"""What every command shares: the project, the output, and one line instead of a traceback."""

from __future__ import annotations

import functools
import os
import sys
from typing import TYPE_CHECKING, ParamSpec, TypeVar

import typer
from rich.console import Console

from tux.errors import TuxError
from tux.log import configure_logging
from tux.settings import Settings, load_settings

if TYPE_CHECKING:
    from collections.abc import Callable

P = ParamSpec("P")
R = TypeVar("R")

console_out = Console(highlight=False, soft_wrap=True, emoji=False)
console_err = Console(stderr=True, highlight=False, soft_wrap=True, emoji=False)


def failing(command: Callable[P, R]) -> Callable[P, R]:
    """Make an error of Tux, or of a file, one clear line and exit code 1; anything else keeps its traceback."""

    @functools.wraps(command)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return command(*args, **kwargs)
        except TuxError as error:
            console_err.print(f"tux: {error}", style="red", markup=False)
            raise typer.Exit(1) from None
        except OSError as error:
            if error.filename is None:
                raise
            console_err.print(f"tux: {error.filename}: {error.strerror}", style="red", markup=False)
            raise typer.Exit(1) from None
        except KeyboardInterrupt:
            raise typer.Exit(130) from None

    return run


def project() -> Settings:
    """Return the settings of the project here, with logging set up and its folder importable, as aerich has it."""
    settings = load_settings()
    configure_logging(settings.log)
    os.chdir(settings.root)
    root = str(settings.root)
    if root not in sys.path:
        sys.path.insert(0, root)
    return settings
