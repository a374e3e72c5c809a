"""What aerich imports: the Tortoise config of every plugin's models, and the guards of the bare commands.

Importing it starts no server and makes no connection.
"""

from __future__ import annotations

from pathlib import Path

from tux.migrations.hooks import install

TORTOISE_ORM = install(Path(__file__).resolve().parent.parent)
