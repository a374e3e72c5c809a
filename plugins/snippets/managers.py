"""Snippets: stored, found by name in any case, searched, counted, aliased."""

from __future__ import annotations

from typing import TYPE_CHECKING, NotRequired, Protocol, TypedDict, Unpack, cast

from plugins.snippets.errors import AliasLoop
from plugins.snippets.models import Snippet
from tux.database.engine import active_client
from tux.manager import Manager
from tux.manager.core import whole_number
from tux.manager.writing import new_row, read_values
from tux.models.meta import from_row

if TYPE_CHECKING:
    from datetime import datetime

# Every text that begins with another lies between it and it with this character behind, bytewise.
_LAST_CHARACTER = "\U0010ffff"

# Of names that differ only in case, the one that is spelt like this comes first.
_NAMED = """
SELECT {columns} FROM snippets_snippets
WHERE guild_id = {guild} AND lower(snippet_name) COLLATE "C" = lower({name}::text)
ORDER BY snippet_name = {name}::text DESC, snippet_id LIMIT 1
"""

# From a name along its aliases. UNION drops a row that came before, so a loop ends, too; then no row is without alias.
_CHAIN = """
WITH RECURSIVE chain AS (
    ({first})
    UNION
    SELECT following.snippet_id, following.alias FROM chain CROSS JOIN LATERAL ({following}) AS following
)
"""

_RESOLVE = (
    "SELECT {columns} FROM snippets_snippets WHERE snippet_id = (SELECT snippet_id FROM chain WHERE alias IS NULL)"
)

_USE = """
UPDATE snippets_snippets SET uses = uses + 1
WHERE snippet_id = (SELECT snippet_id FROM chain WHERE alias IS NULL) AND alias IS NULL
RETURNING {columns}
"""

# The author may change a snippet until a moderator locks it; $1 is the snippet, the place filled in is the author.
_CHANGEABLE = "({author}::bigint IS NULL OR (snippet_user_id = {author} AND NOT locked))"
_EDIT = f"""
UPDATE snippets_snippets SET snippet_content = $2, alias = NULL
WHERE snippet_id = $1 AND {_CHANGEABLE.format(author="$3")} RETURNING {{columns}}
"""  # noqa: S608 - a constant

_TOGGLE = "UPDATE snippets_snippets SET locked = NOT locked WHERE snippet_id = $1 RETURNING {columns}"

# $2 is the name it stands for, $3 the new one. An alias in the chain that asks for $3 would find it from now on.
_NEW_ALIAS = """
, guild AS (
    INSERT INTO guild_guilds (guild_id) VALUES ($1) ON CONFLICT DO NOTHING
)
INSERT INTO snippets_snippets (guild_id, alias, snippet_name, snippet_user_id, snippet_created_at)
SELECT $1, $2::text, $3::text, $4, $5
WHERE lower($2::text) <> lower($3::text) AND NOT EXISTS (SELECT FROM chain WHERE lower(chain.alias) = lower($3::text))
RETURNING {columns}
"""

# The chain is what the statement saw when it began. Of edits that would close a circle together each locks a row that
# another one changes, all in one order; whoever waited sees by its own locks that the chain has moved, and looks again.
_MAKE_ALIAS = f"""
, held AS MATERIALIZED (
    SELECT snippet_id, alias FROM snippets_snippets
    WHERE snippet_id = $1 OR snippet_id IN (SELECT snippet_id FROM chain)
    ORDER BY snippet_id FOR NO KEY UPDATE
), state AS (
    SELECT EXISTS (SELECT FROM chain WHERE snippet_id = $1) AS is_loop, EXISTS (
        SELECT FROM chain LEFT JOIN held USING (snippet_id)
        WHERE held.snippet_id IS NULL OR held.alias IS DISTINCT FROM chain.alias
    ) AS is_moved
), changed AS (
    UPDATE snippets_snippets SET alias = $2, snippet_content = NULL
    WHERE snippet_id = $1 AND (SELECT NOT is_loop AND NOT is_moved FROM state)
        AND {_CHANGEABLE.format(author="$3")}
    RETURNING {{columns}}
)
SELECT * FROM state LEFT JOIN changed ON TRUE
"""  # noqa: S608 - a constant

# Names that begin with the term come from the index. Only while these are fewer than asked for, the rest of the guild's
# snippets are read. An index over the texts would have to be written at every use, which changes the row.
_SEARCH = """
WITH beginning AS MATERIALIZED (
    SELECT {columns}, 1 AS place FROM snippets_snippets
    WHERE guild_id = $1
      AND lower(snippet_name) COLLATE "C" >= lower($2) AND lower(snippet_name) COLLATE "C" < lower($2) || $3
    ORDER BY uses DESC, snippet_id LIMIT $4
), elsewhere AS (
    SELECT {columns}, 2 FROM snippets_snippets
    WHERE guild_id = $1 AND (SELECT count(*) FROM beginning) < $4 AND strpos(lower(snippet_name), lower($2)) <> 1
      AND (strpos(lower(snippet_name), lower($2)) > 1 OR strpos(lower(snippet_content), lower($2)) > 0)
    ORDER BY uses DESC, snippet_id LIMIT $4
)
SELECT * FROM (TABLE beginning UNION ALL TABLE elsewhere) AS found ORDER BY place, uses DESC, snippet_id LIMIT $4
"""


_COMPLETE = """
SELECT snippet_name FROM snippets_snippets
WHERE guild_id = $1 AND lower(snippet_name) COLLATE "C" >= lower($2) AND lower(snippet_name) COLLATE "C" < lower($2) || $3
ORDER BY uses DESC, snippet_id LIMIT $4
"""


class Restrictions(Protocol):
    """What is asked of moderation, which may be absent."""

    async def is_user_under_restriction(
        self, *, guild_id: int, user_id: int, active_restriction_type: str, inactive_restriction_type: str
    ) -> bool:
        """Say whether the newest case of the two types restricts."""
        ...


class NewSnippet(TypedDict):
    """What a new snippet is made of; without a time it was made now."""

    snippet_name: str
    snippet_content: str
    snippet_created_at: NotRequired[datetime]
    snippet_user_id: int | None
    guild_id: int


class NewAlias(TypedDict):
    """What a new alias is made of: `snippet_alias` is the name that `snippet_name` stands for from now on."""

    snippet_name: str
    snippet_alias: str
    snippet_created_at: NotRequired[datetime]
    snippet_user_id: int | None
    guild_id: int


class SnippetManager(Manager[Snippet], name="snippet"):
    """The snippets of all guilds."""

    async def create_snippet(self, **values: Unpack[NewSnippet]) -> Snippet:
        """Store a text under a name.

        Raises:
            UniqueViolation: the guild has a snippet of that name.
        """
        return await self.create(**values)

    async def create_snippet_alias(self, **values: Unpack[NewAlias]) -> Snippet:
        """Store another name for a snippet, which need not exist yet.

        Raises:
            AliasLoop: the name would lead back to itself.
            UniqueViolation: the guild has a snippet of that name.
        """
        given = {**values, "alias": values["snippet_alias"]}
        del given["snippet_alias"]
        row = new_row(self.table, given, check=self.check)
        names = ("guild_id", "alias", "snippet_name", "snippet_user_id", "snippet_created_at")
        made = await self.row(self._chain(_NEW_ALIAS), *(row[name] for name in names))
        if made is None:
            raise _loop(values["snippet_alias"])
        return made

    async def make_alias(self, snippet_id: int, alias: str, *, author_id: int | None = None) -> Snippet | None:
        """Turn a snippet into another name for one, in place of its text; None when there is no such snippet.

        With `author_id` only if it is theirs and not locked. One statement, and one more whenever somebody changed the names that it leads along at the same moment.

        Raises:
            AliasLoop: the name would lead back to itself.
        """
        target = read_values(self.table, {"alias": alias}, check=self.check)["alias"]
        guild = "(SELECT guild_id FROM snippets_snippets WHERE snippet_id = $1)"
        while True:
            [found] = await active_client().fetch(self._chain(_MAKE_ALIAS, guild), [snippet_id, target, author_id])
            if not found["is_moved"]:
                break
        if found["is_loop"]:
            raise _loop(alias)
        return from_row(Snippet, found) if found["snippet_id"] is not None else None

    async def get_snippet_by_name_and_guild_id(self, name: str, guild_id: int) -> Snippet | None:
        """Return the snippet or alias of that name in any case; one that is spelt just so comes first."""
        return await self.row(_NAMED.format(columns=self.columns(), guild="$1", name="$2"), guild_id, name)

    async def resolve_snippet(self, name: str, guild_id: int) -> Snippet | None:
        """Return the text that a name leads to, along its aliases; None when it leads nowhere or in a circle."""
        return await self.row(self._chain(_RESOLVE), guild_id, name)

    async def use_snippet(self, name: str, guild_id: int) -> Snippet | None:
        """Return the text that a name leads to, with one more use; aliases on the way are not counted."""
        return await self.row(self._chain(_USE), guild_id, name)

    async def get_all_snippets_by_guild_id(self, guild_id: int) -> list[Snippet]:
        """Return a guild's snippets and aliases by name."""
        return await self.find_all({"guild_id": guild_id}, "snippet_name")

    async def search_snippets(self, guild_id: int, term: str, *, limit: int = 100) -> list[Snippet]:
        """Return the snippets in whose name or text the term occurs, in any case.

        Names that begin with it come first; among equals the most used ones do.
        """
        sql = _SEARCH.format(columns=self.columns())
        return await self.rows(sql, guild_id, term, _LAST_CHARACTER, whole_number("limit", limit, least=0))

    async def complete_names(self, guild_id: int, typed: str, *, limit: int) -> list[str]:
        """Return the names that begin with what was typed, in any case, the most used ones first."""
        found = await active_client().fetch(_COMPLETE, [guild_id, typed, _LAST_CHARACTER, limit])
        return [row["snippet_name"] for row in found]

    async def is_banned(self, user_id: int, guild_id: int) -> bool:
        """Say whether moderation barred a member from making and changing snippets; without moderation nobody is."""
        cases = cast("Restrictions | None", self.db.find("case"))
        return cases is not None and await cases.is_user_under_restriction(
            guild_id=guild_id,
            user_id=user_id,
            active_restriction_type="SNIPPETBAN",
            inactive_restriction_type="SNIPPETUNBAN",
        )

    async def get_popular_snippets(self, guild_id: int, limit: int = 10) -> list[Snippet]:
        """Return the most used snippets of a guild, the older one first among equals."""
        return await self.find_all({"guild_id": guild_id}, ["-uses", "snippet_id"], limit)

    async def increment_snippet_uses(self, snippet_id: int) -> Snippet | None:
        """Count one use; None when there is no such snippet."""
        return await self.increment(snippet_id, uses=1)

    async def toggle_snippet_lock_by_id(self, snippet_id: int) -> Snippet | None:
        """Lock a snippet, or unlock it when it was locked; None when there is none."""
        return await self.row(_TOGGLE.format(columns=self.columns()), snippet_id)

    async def update_snippet_by_id(
        self, snippet_id: int, content: str, *, author_id: int | None = None
    ) -> Snippet | None:
        """Give a snippet another text; an alias becomes a snippet of its own. None when there is none.

        With `author_id` only if it is theirs and not locked.
        """
        text = read_values(self.table, {"snippet_content": content}, check=self.check)["snippet_content"]
        return await self.row(_EDIT.format(columns=self.columns()), snippet_id, text, author_id)

    async def delete_snippet_by_id(self, snippet_id: int, *, author_id: int | None = None) -> bool:
        """Delete a snippet; aliases of it stay and lead nowhere until the name exists again.

        With `author_id` only if it is theirs and not locked.
        """
        own = {} if author_id is None else {"snippet_user_id": author_id, "locked": False}
        return await self.delete_where({"snippet_id": snippet_id, **own}) > 0

    def _chain(self, statement: str, guild: str = "$1") -> str:
        """Return a statement with the chain of the name $2 in front."""
        first = _NAMED.format(columns="snippet_id, alias", guild=guild, name="$2")
        following = _NAMED.format(columns="snippet_id, alias", guild=guild, name="chain.alias")
        return _CHAIN.format(first=first, following=following) + statement.format(columns=self.columns())


def _loop(name: str) -> AliasLoop:
    return AliasLoop(f"`{name}` leads back to this name already; choose a snippet that does not.")
