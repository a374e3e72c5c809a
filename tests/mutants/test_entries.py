"""The planted bugs still say what they once said; `make mutants` runs them."""

from __future__ import annotations

from collections import Counter

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
}


def test_every_planted_bug_applies_and_its_tests_exist():
    mutants = planted()
    assert len(mutants) >= 40
    assert {*Counter(mutant.group for mutant in mutants)} == THEMES
    for mutant in mutants:
        assert mutant.text != (ROOT / mutant.file).read_text(), mutant.name
        assert mutant.tests, mutant.name
        assert mutant.why.endswith("."), mutant.name
