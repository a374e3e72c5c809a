"""Keeps Python's collector of garbage still while much is made that stays: models of all plugins, rows of a long list."""

from __future__ import annotations

import gc
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Generator


@contextmanager
def collector_paused() -> Generator[None]:
    """Let nothing be collected inside: of 500 plugins it would go through all that stays, a third of their start.

    Several at once do no harm: the one that stopped the collector starts it again, whoever else is inside.
    """
    if not gc.isenabled():
        yield
        return
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
