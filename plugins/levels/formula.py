"""How levels follow from XP: level = ⌊5 · √(xp / 500)⌋, so level L begins at 20 · L² XP.

It is the curve of the bot whose data this layer takes over, with its default exponent of 2, so that members keep their
levels: https://github.com/allthingslinux/tux, the settings of its levels service. A square root is correctly rounded in
IEEE 754, so Python and PostgreSQL agree on every value, and a level begins exactly at its XP.
"""

from __future__ import annotations

import math

XP_OF_LEVEL_ONE = 20
# Sums of whole points are exact in a double far beyond this.
MAX_XP = 10**15


def level_of(xp: float) -> int:
    """Return the level that so many points are."""
    return math.floor(math.sqrt(xp / XP_OF_LEVEL_ONE))


def xp_of(level: int) -> float:
    """Return the points at which a level begins."""
    return float(XP_OF_LEVEL_ONE * level * level)


def level_sql(xp: str) -> str:
    """Return `level_of` as SQL over an expression of type double precision."""
    return f"floor(sqrt(({xp}) / {XP_OF_LEVEL_ONE}))::int"
