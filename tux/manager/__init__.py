"""`Manager[M]`: the operations that every plugin has over its model, each one statement where one can do it."""

from __future__ import annotations

from tux.manager.bulk import Bulk
from tux.manager.changes import Changes
from tux.manager.core import Identity, M, Order
from tux.manager.deleting import Deleting
from tux.manager.deriving import derived
from tux.manager.filters import Filters
from tux.manager.inspecting import Inspecting
from tux.manager.keyset import CursorPage, Keyset
from tux.manager.pages import Pages, PaginationResult
from tux.manager.searching import Searching

__all__ = ["CursorPage", "Filters", "Identity", "Manager", "Order", "PaginationResult", "derived"]


class Manager(Keyset[M], Changes[M], Deleting[M], Bulk[M], Pages[M], Searching[M], Inspecting[M]):
    """The operations of one model: `class CaseManager(Manager[Case], name="case")`.

    Stateless; every call takes part in the transaction that is open around it, and is one statement unless its docstring
    says otherwise; each relation in `prefetch` takes a further one. Filters are a dict, a `Q`, a column expression, or a
    list of these; names that the model lacks are refused, and values are only ever parameters.
    """
