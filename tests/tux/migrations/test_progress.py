from __future__ import annotations

import io

from tests.tux.support import logged
from tux.migrations import progress as module
from tux.migrations.progress import progress


class Terminal(io.StringIO):
    def isatty(self):
        return True


def test_a_terminal_shows_a_bar(monkeypatch):
    terminal = Terminal()
    monkeypatch.setattr("sys.stderr", terminal)
    monkeypatch.setenv("TERM", "xterm")
    with progress("levels.fill_rank") as advance:
        advance(250, 1000)
    assert "levels.fill_rank" in terminal.getvalue()
    assert "250/1000" in terminal.getvalue()


def test_elsewhere_the_log_says_how_far_it_is_but_not_too_often(monkeypatch):
    monkeypatch.setattr("sys.stderr", io.StringIO())
    monkeypatch.setattr(module, "LOG_SECONDS", 0.0)
    with logged() as lines, progress("levels.fill_rank") as advance:
        advance(250, 1000)
        advance(500, None)
        monkeypatch.setattr(module, "LOG_SECONDS", 60.0)
        advance(750, 1000)
    text = "".join(lines)
    assert "levels.fill_rank: 250 of 1000" in text
    assert "levels.fill_rank: 500 of ?" in text
    assert "750" not in text
