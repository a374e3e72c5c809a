"""The shop's small tables with every kind of column, for themes that no plugin's table covers whole."""

from __future__ import annotations

from tests.tux.conftest import shop, shop_context

__all__ = ["shop", "shop_context"]
