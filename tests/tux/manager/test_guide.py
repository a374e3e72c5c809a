"""The examples of docs/managers.md run as they stand there."""

from __future__ import annotations

import json
import re
import textwrap
from datetime import UTC, datetime
from pathlib import Path

import pytest
from shop_models import Guild, Note

from tux.errors import InvalidValue
from tux.manager import Manager
from tux.models.schemas import schema_of

GUIDE = Path(__file__).parents[3] / "docs" / "managers.md"


class Notes(Manager[Note], name="notes"):
    """Of the guide."""


@pytest.mark.usefixtures("shop")
async def test_every_example_of_the_guide_runs():
    notes = Notes()
    await Guild.create(guild_id=1, guild_name="Home")
    for number, title in enumerate(("one", "two", "three")):
        await notes.create(guild_id=1, title=title, stars=number, extra={"colour": "red"}, labels=["a", "b"])
    blocks = re.findall(r"```python\n(.*?)```", GUIDE.read_text(), re.DOTALL)
    names = {
        "notes": notes,
        "long_ago": datetime(2020, 1, 1, tzinfo=UTC),
        **{each.__name__: each for each in (Guild, InvalidValue, Manager, Note, json, schema_of)},
    }
    code = "async def guide():\n" + textwrap.indent("\n".join([*blocks, "return locals()"]), "    ")
    exec(compile(code, str(GUIDE), "exec"), names)  # noqa: S102 - the guide is ours
    found = await names["guide"]()
    assert (found["note"].title, found["first"].title, found["there"], found["how_many"]) == ("three", "three", True, 1)
    assert [row.title for row in found["many"]] == ["three"]
    assert [row.title for row in found["some"]] == ["three", "one", "two"]
    assert [row.title for row in found["older"].items] == ["one"]
    assert found["newer"].items == found["newest"].items
    assert (found["changed"], found["count"], found["gone"]) == (2, 10_000, 3)
    assert [created for _, created in found["pairs"]] == [False]
    assert sorted(row.title for row in found["red"]) == ["one", "three", "two"]
    assert found["tagged"] == found["red"]
    assert [row.title for row in found["hidden"] if row.guild_id == 1] == ["six", "four"]
    assert found["back"].deleted_at is None
    assert json.loads(found["text"])["title"] == "six"
    with pytest.raises(InvalidValue):
        await found["Polite"]().create(guild_id=1, title="x", text="darn")
    assert [row.title for row in await found["Starred"]().best_of(1)][:1] == ["three"]
