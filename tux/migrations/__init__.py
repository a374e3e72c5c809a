"""Everything around aerich: the guards of its bare commands, and functions that run them.

Importing this package imports neither aerich nor a plugin; only config/orm.py, under aerich, does.
"""

from tux.migrations.run import downgrade, revision, upgrade

__all__ = ["downgrade", "revision", "upgrade"]
