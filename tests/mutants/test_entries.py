"""The planted bugs still say what they once said; `make mutants` runs them."""

from __future__ import annotations

from collections import Counter

from tests.mutants.__main__ import arguments, chosen
from tests.mutants.mutant import ROOT
from tests.mutants.planted import planted

THEMES = {
    "1 rollback",
    "2 concurrent",
    "3 counts",
    "4 keys",
    "5 time",
    "6 absence",
    "7 injection",
    "8 errors",
    "9 cancel",
    "10 properties",
    "tortoise",
    "aerich",
    "postgresql",
    "discord.py",
    "features",
    "migrations",
}


def test_every_planted_bug_applies_and_its_tests_exist():
    mutants = planted()
    assert len(mutants) >= 40
    assert {*Counter(mutant.group for mutant in mutants)} == THEMES
    for mutant in mutants:
        assert mutant.text != (ROOT / mutant.file).read_text(), mutant.name
        assert mutant.tests, mutant.name
        assert mutant.why.endswith("."), mutant.name


def test_a_command_line_asks_for_all_or_for_some():
    assert arguments([]).what is None
    assert arguments(["sampled", "--count", "5"]).count == 5
    asked = arguments(["planted", "--only", "rollback|cancel"])
    assert {mutant.group for mutant in chosen(planted(), asked.only)} >= {"1 rollback", "9 cancel"}
