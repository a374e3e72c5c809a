"""Compressed gateway streams, as the client asks for them in its address."""

from __future__ import annotations

import zlib
from importlib import import_module
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable

Pack: TypeAlias = "Callable[[str], bytes]"


def packer_for(name: str | None) -> Pack | None:
    """Return what turns a frame into the stream's next bytes; None for plain text."""
    if name == "zstd-stream":
        return _zstandard()
    if name == "zlib-stream":
        stream = zlib.compressobj()
        return lambda text: stream.compress(text.encode()) + stream.flush(zlib.Z_SYNC_FLUSH)
    return None


def _zstandard() -> Pack:
    # The client asks for it only when one of the two packages is there: the wheel first, then Python 3.14's own.
    try:
        module = import_module("zstandard")
    except ImportError:
        module = import_module("compression.zstd")
        native = module.ZstdCompressor()
        return lambda text: native.compress(text.encode(), mode=native.FLUSH_BLOCK)
    stream = module.ZstdCompressor().compressobj()
    return lambda text: stream.compress(text.encode()) + stream.flush(module.COMPRESSOBJ_FLUSH_BLOCK)
