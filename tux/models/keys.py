"""Keys that a row can have before the database knows it."""

from __future__ import annotations

import secrets
from uuid import UUID

from tux import clock

_RANDOM_BITS = 62
_SUBMILLISECOND_BITS = 12


def uuid7() -> UUID:
    """Return a UUID of version 7 (RFC 9562): later ones sort behind earlier ones, so an index grows at its end.

    It tells when it was made, to the microsecond, by Tux's clock; the rest is random.
    """
    microseconds = int(clock.now().timestamp() * 1_000_000)
    milliseconds, rest = divmod(microseconds, 1000)
    fraction = (rest << _SUBMILLISECOND_BITS) // 1000  # method 3 of section 6.2: a finer clock before the random bits
    number = (milliseconds & (2**48 - 1)) << 80 | 7 << 76 | fraction << 64 | 2 << _RANDOM_BITS
    return UUID(int=number | secrets.randbits(_RANDOM_BITS))
