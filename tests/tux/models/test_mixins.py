from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from shop_models import Guild, Member, Note, Receipt
from tortoise.exceptions import DoesNotExist, OperationalError

from tux.clock import clock
from tux.errors import InvalidQuery, UniqueViolation

pytestmark = pytest.mark.usefixtures("shop")

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
async def rows(shop):
    await Guild.create(guild_id=1)
    author = await Member.create(guild_id=1, member_id=1)
    kept = await Note.create(guild_id=1, title="kept", author=author)
    hidden = await Note.create(guild_id=1, title="hidden", author=author)
    with clock.freeze(NOON):
        await hidden.delete()
    return kept, hidden


def titles(found):
    return sorted(row.title for row in found)


def test_a_uuid_key_is_known_before_the_row_is_stored():
    assert isinstance(Receipt(number=1).id, UUID)
    assert Receipt(number=1).id.version == 7


async def test_a_row_with_a_uuid_key_is_found_by_it():
    made = await Receipt.create(number=1)
    assert (await Receipt.get(id=made.id)).number == 1


async def test_delete_hides_a_row_and_stamps_it(rows):
    _, hidden = rows
    assert hidden.deleted_at == NOON
    found = await Note.with_deleted().get(id=hidden.id)
    assert (found.deleted_at, found.updated_at, found.title) == (NOON, NOON, "hidden")


async def test_plain_reads_pass_over_hidden_rows(rows):
    _, hidden = rows
    for found in (await Note.all(), await Note.filter(guild_id=1), await Note.exclude(title="x")):
        assert titles(found) == ["kept"]
    assert await Note.all().count() == 1
    assert not await Note.exists(title="hidden")
    assert await Note.get_or_none(title="hidden") is None
    assert await Note.first() == await Note.all().last()
    assert titles((await Note.in_bulk([rows[0].id, hidden.id], "id")).values()) == ["kept"]
    with pytest.raises(DoesNotExist):
        await Note.get(id=hidden.id)


async def test_relations_pass_over_hidden_rows(rows):
    guild = await Guild.get(guild_id=1).prefetch_related("notes")
    assert titles(guild.notes) == ["kept"]
    assert titles(await guild.notes.all()) == ["kept"]
    member = await Member.get(member_id=1)
    await member.fetch_related("notes")
    assert titles(member.notes) == ["kept"]


async def test_with_deleted_sees_all():
    assert titles(await Note.with_deleted()) == ["hidden", "kept"]
    assert titles(await Note.with_deleted().filter(deleted_at__isnull=False)) == ["hidden"]


async def test_a_row_is_restored(rows):
    _, hidden = rows
    await hidden.restore()
    assert titles(await Note.all()) == ["hidden", "kept"]


async def test_purge_deletes_for_good(rows):
    kept, hidden = rows
    await hidden.purge()
    await kept.purge()
    assert await Note.with_deleted().count() == 0


async def test_a_queryset_hides_and_counts_only_what_was_there():
    await Note.create(guild_id=1, title="third")
    with clock.freeze(NOON + timedelta(days=1)):
        assert await Note.with_deleted().filter(guild_id=1).delete() == 2
    assert await Note.with_deleted().filter(deleted_at=NOON).count() == 1
    assert await Note.all().delete() == 0
    assert await Note.with_deleted().filter(title="third").purge() == 1
    assert await Note.with_deleted().count() == 2


async def test_a_purge_with_a_limit_is_refused():
    with pytest.raises(InvalidQuery, match="limit"):
        await Note.with_deleted().limit(1).purge()


async def test_a_hidden_row_leaves_its_place_in_a_partial_unique_index_free(rows):
    await Note.create(guild_id=1, title="hidden")
    with pytest.raises(UniqueViolation):
        await Note.create(guild_id=1, title="kept")
    with pytest.raises(UniqueViolation):
        await rows[1].restore()


async def test_deleting_twice_keeps_the_first_time(rows):
    await rows[1].delete()
    assert rows[1].deleted_at == NOON


async def test_a_row_that_was_never_stored_cannot_be_deleted():
    with pytest.raises(OperationalError):
        await Note(guild_id=1, title="x").delete()


async def test_a_table_without_the_mixin_loses_its_rows():
    assert await Member.all().delete() == 1
