"""Writes what was measured between the marks of a page of the documentation."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


def mark(name: str) -> tuple[str, str]:
    """Return what stands before and behind a section."""
    return f"<!-- {name}: written by make bench -->\n", f"<!-- end of {name} -->\n"


def replaced(text: str, name: str, body: str) -> str:
    """Return a page with a section's text replaced.

    Raises:
        SystemExit: the page has no such section.
    """
    first, last = mark(name)
    pattern = re.compile(f"({re.escape(first)}).*?({re.escape(last)})", re.DOTALL)
    if not pattern.search(text):
        message = f"the page has no lines {first.strip()!r} and {last.strip()!r}"
        raise SystemExit(message)
    return pattern.sub(lambda found: f"{found[1]}\n{body.strip()}\n\n{found[2]}", text)


def write_sections(page: Path, sections: dict[str, str]) -> None:
    """Replace sections of a page, all or none."""
    text = page.read_text(encoding="utf-8")
    for name, body in sections.items():
        text = replaced(text, name, body)
    page.write_text(text, encoding="utf-8")
