"""The command line: `tux`, and `db` with the words of older guides. Thin: it parses, calls and prints."""

from tux.cli.app import db_main, main

__all__ = ["db_main", "main"]
