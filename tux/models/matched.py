"""A relation by equal columns, where no foreign key can be: a member's cases are those of the same guild and user.

    class User(Model):
        cases = Matched(Case, guild_id="guild_id", discord_id="case_user_id")

On the class it is a `Relation`, so `User.cases.any(...)` is a condition; on a row it is the list that `prefetch` loaded.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Generic, TypeVar, cast, overload

from pypika_tortoise.terms import Tuple
from tortoise.exceptions import NoValuesFetched
from tortoise.expressions import Q, Subquery
from tortoise.models import Model
from tortoise.query_utils import QueryModifier

from tux.models.columns import RelatedQ, Relation
from tux.models.meta import meta_of

if TYPE_CHECKING:
    from tortoise.expressions import ResolveContext

R = TypeVar("R", bound=Model)


class Matched(Generic[R]):
    """The rows of a model of which each named column equals a field of the row that has this relation."""

    def __init__(self, related: type[R], **columns: str) -> None:
        self.related = related
        self.columns = columns
        self.name = ""

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name

    @overload
    def __get__(self, instance: None, owner: type[Model]) -> MatchedRelation: ...
    @overload
    def __get__(self, instance: Model, owner: type[Model]) -> list[R]: ...
    def __get__(self, instance: Model | None, owner: type[Model]) -> MatchedRelation | list[R]:
        if instance is None:
            return MatchedRelation(owner, self.name)
        # a loaded list is an attribute of the row, which Python finds before this
        raise NoValuesFetched(
            f"{owner.__name__}.{self.name} is not loaded; pass prefetch=[{self.name!r}] to find_one or find_all"
        )


class MatchedRelation(Relation):
    """A matched relation as seen on the class."""

    __slots__ = ()

    def any(self, *conditions: Q | bool, **equals: object) -> Q:
        """Return the condition that at least one matching row meets all of these; without any: that one exists."""
        plain = cast("RelatedQ", super().any(*conditions, **equals))
        return MatchedQ(self.model, self.name, plain.inner)


class MatchedQ(RelatedQ):
    """A condition on matching rows, as a sub-select over all the columns that match."""

    __slots__ = ()

    def resolve(self, resolve_context: ResolveContext) -> QueryModifier:
        """Return Tortoise's form of the condition."""
        relation = matched_of(self.model)[self.relation]
        columns = meta_of(self.model).fields_db_projection
        own: Any = Tuple(*(resolve_context.table[columns[name]] for name in relation.columns))
        found: Any = Subquery(cast("Any", relation.related).filter(self.inner).values_list(*relation.columns.values()))
        return QueryModifier(where_criterion=own.isin(found))


def matched_of(model: type[Model]) -> dict[str, Matched[Any]]:
    """Return a model's matched relations by name."""
    return {
        name: value
        for base in reversed(model.__mro__)
        for name, value in vars(base).items()
        if isinstance(value, Matched)
    }
