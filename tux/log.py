"""Logging: loguru on standard error, with the standard library's records (discord.py, asyncio) led into it."""

from __future__ import annotations

import logging
import sys
from typing import TYPE_CHECKING

from loguru import logger

if TYPE_CHECKING:
    from loguru import Record

    from tux.settings import LogSettings

_CONTEXT = ("plugin", "command", "guild", "reference")


def configure_logging(settings: LogSettings) -> None:
    """Send every log line to standard error, as text or as one JSON object a line."""
    logger.remove()
    # diagnose prints the values of local variables: tokens and members' texts have no place in a log;
    # backtrace begins a traceback at main() instead of where the error was caught
    if settings.json_lines:
        logger.add(sys.stderr, level=settings.level, serialize=True, diagnose=False, backtrace=False)
    else:
        logger.add(sys.stderr, level=settings.level, format=_line, diagnose=False, backtrace=False)
    logging.basicConfig(handlers=[_ToLoguru()], level=logging.WARNING, force=True)


def _line(record: Record) -> str:
    extra = record["extra"]
    context = " ".join(f"{key}={extra[key]}" for key in _CONTEXT if key in extra)
    record["extra"]["context"] = f" [{context}]" if context else ""
    return "{time:YYYY-MM-DD HH:mm:ss.SSS} {level: <7} {name}{extra[context]}: {message}\n{exception}"


class _ToLoguru(logging.Handler):
    """Hands a record of the standard library to loguru, under the level of the same name."""

    def emit(self, record: logging.LogRecord) -> None:
        """Log one record."""
        try:
            level: str | int = logger.level(record.levelname).name
        except ValueError:
            level = record.levelno
        logger.opt(exception=record.exc_info).log(level, "{}: {}", record.name, record.getMessage())
