"""Which database the current task uses: Tortoise's context variable, behind names of our own."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from tortoise import context as tortoise_context
from tortoise.context import TortoiseContext, get_current_context, set_global_context
from tortoise.exceptions import ConfigurationError

from tux.errors import TuxError

if TYPE_CHECKING:
    from collections.abc import Generator
    from contextvars import ContextVar

_NAME = "_current_context"
if not hasattr(tortoise_context, _NAME):
    raise TuxError(
        "tortoise.context has no _current_context any more; "
        "install the version that Tux pins: pip install tortoise-orm==1.1.9"
    )
_current: ContextVar[TortoiseContext | None] = getattr(tortoise_context, _NAME)


def enter_context(context: TortoiseContext) -> None:
    """Use a context from here on, and in tasks made earlier that have none of their own, unless another is there first."""
    _current.set(context)
    try:
        set_global_context(context)
    except ConfigurationError:
        return  # another service is the one of tasks without a context


def leave_context(context: TortoiseContext) -> None:
    """Stop using a context here."""
    if _current.get() is context:
        _current.set(None)


@contextmanager
def use_context(context: TortoiseContext) -> Generator[None]:
    """Use a context inside the block, whatever the task uses otherwise."""
    if get_current_context() is context:
        yield
        return
    before = _current.get()
    _current.set(context)
    try:
        yield
    finally:
        _current.set(before)
