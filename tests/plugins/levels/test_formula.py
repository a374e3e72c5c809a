from __future__ import annotations

from plugins.levels.formula import level_of, level_sql, xp_of


def test_a_level_begins_exactly_at_its_points():
    for level in range(2000):
        assert level_of(xp_of(level)) == level
        assert level == 0 or level_of(xp_of(level) - 1e-6) == level - 1


def test_the_curve_is_that_of_the_bot_that_this_replaces():
    for level in range(1, 200):
        assert abs(xp_of(level) - 500 * (level / 5) ** 2) < 1e-6


async def test_postgresql_and_python_agree_on_every_level(db):
    points = [value / 7 for value in range(20_000)] + [xp_of(level) for level in range(3000)] + [1e15, 999_999.999]
    sql = f"SELECT {level_sql('xp')} AS level FROM unnest($1::float8[]) WITH ORDINALITY AS given (xp, place) ORDER BY place"
    assert [row["level"] for row in await db.service.fetch(sql, points)] == [level_of(xp) for xp in points]
