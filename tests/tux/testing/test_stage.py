"""The fixtures `discord` and `bot`: one bot for the session, a new server for each test."""

from __future__ import annotations

from pathlib import Path

import tux

pytest_plugins = "pytester"

REPOSITORY = Path(tux.__file__).parents[1]
seen = {}


async def test_a_test_writes_through_the_bot(discord, bot, db):
    seen.update(bot=bot, guild=discord.guild.id)
    await discord.owner.says("!prefix set ?")
    assert (await db.guild_config.find_one({"guild_id": discord.guild.id})).prefix == "?"
    assert [guild.id for guild in bot.guilds] == [discord.guild.id]
    assert db.service is bot.db.service


async def test_the_next_has_the_same_bot_in_a_new_server_without_those_rows(discord, bot, db):
    assert seen["bot"] is bot
    assert [guild.id for guild in bot.guilds] == [discord.guild.id] != [seen["guild"]]
    assert await db.guild_config.count() == 0
    assert [row.guild_id for row in await db.guild.get_all()] == [discord.guild.id]
    assert discord.requests == type(discord.requests)()


def test_what_escapes_a_handler_fails_the_test_that_caused_it_and_no_other(pytester):
    pytester.makepyfile(
        """
        import discord as library


        async def breaks(message):
            raise ZeroDivisionError("on purpose")


        async def test_a_is_innocent(discord):
            await discord.member("bob").says("hello")


        async def test_b_is_guilty(discord, bot):
            bot.add_listener(breaks, "on_member_join")
            discord.member("bob")


        async def test_c_means_it(discord, bot):
            discord.member("bob")
            await discord.settle()
            assert [type(found.error) for found in discord.errors] == [ZeroDivisionError]
            discord.errors.clear()
            bot.remove_listener(breaks, "on_member_join")


        async def test_d_is_innocent(discord):
            discord.member("bob")


        async def test_e_asks_for_what_is_not_there(discord, bot):
            try:
                await bot.http.request(library.http.Route("GET", "/nowhere"))
            except library.HTTPException:
                pass


        async def test_f_closes_the_bot(bot):
            await bot.close()


        async def test_g_is_told_so(bot):
            pass
        """
    )
    pytester.makeini(
        f"""
        [pytest]
        tux_root = {REPOSITORY}
        asyncio_mode = auto
        asyncio_default_fixture_loop_scope = function
        addopts = -p no:cacheprovider
        """
    )
    result = pytester.runpytest_subprocess("-rA")
    result.stdout.fnmatch_lines_random(
        ["*ERROR *test_b_is_guilty*", "*ERROR *test_e_asks*", "*on purpose*", "*GET /nowhere*"]
    )
    result.stdout.fnmatch_lines(["*an earlier test closed the session's bot*"])
    result.assert_outcomes(passed=6, errors=3, warnings=1)
