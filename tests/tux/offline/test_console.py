from __future__ import annotations

import asyncio
import io
import os
import pty
import select
import subprocess
import sys
import threading
import time
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import asyncpg
import pytest
import pytest_asyncio

from tux.clock import clock
from tux.offline import terminal
from tux.offline.completion import completions
from tux.offline.console import converse, open_conversation, vocabulary
from tux.offline.terminal import ScriptLines, TypedLines, make_screen
from tux.settings import load_settings
from tux.testing import scratch_database

TUX = Path(sys.executable).parent / "tux"


class Play:
    """A conversation that stays open; `says` returns what the console answers to lines."""

    def __init__(self, talk, file):
        self.talk = talk
        self.file = file

    async def says(self, *lines):
        self.talk.is_over = False
        self.talk.typed.clear()
        self.talk.failures = 0
        self.talk.transcript.note("start")
        self.file.seek(0)
        self.file.truncate()
        await converse(self.talk, ScriptLines("\n".join(lines)), echo=False)
        return self.file.getvalue().splitlines()[1:]  # without the greeting

    async def home(self):
        """Everybody is back where the console starts."""
        await self.says(":as alice", ":go #general")


@asynccontextmanager
async def opened(root, url, *, scripted=True):
    file = io.StringIO()
    async with open_conversation(load_settings(root), url, make_screen(scripted=scripted, file=file)) as talk:
        yield Play(talk, file)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def stage(tux_databases, tux_root):
    async with scratch_database(tux_root) as url, opened(tux_root, url) as play:
        yield play


@pytest_asyncio.fixture(loop_scope="session")
async def play(stage):
    await stage.home()
    return stage


async def test_text_is_said_in_the_channel_with_its_mentions(play):
    await play.says("hello @bob, look at #staff", ":go #staff", "secret")
    general, staff = (play.talk.world.channels[play.talk.find(name, 7)["id"]] for name in ("general", "staff"))
    bob, place = play.talk.find("bob", 6), play.talk.find("staff", 7)
    assert list(general.messages.values())[-1].data["content"] == f"hello <@{bob['id']}>, look at <#{place['id']}>"
    assert list(staff.messages.values())[-1].data["content"] == "secret"


async def test_a_slash_command_is_answered_and_its_reason_may_have_spaces(play):
    lines = await play.says("/warn @bob three times spam")
    assert "    │ Reason  three times spam" in lines
    assert play.talk.failures == 0


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("/warm @bob x", "there is no command warm; did you mean warn?"),
        ("/warn", "/warn needs member; it takes: /warn member:@user [reason:text]."),
        ("/warn @zz x", "there is no user zz; :who lists people, channels and roles."),
        ("/cases lst", "/cases needs one of: list, search, view, add, modify, reopen, void; not lst."),
        ("/cases view many", "number is a whole number, not 'many'; /cases view takes: /cases view number:number."),
        (":clik 1", "there is no order clik; did you mean click?"),
        (":click", ":click needs N or a label: it serves to press a button."),
        (":click Nowhere", "there is no button Nowhere now; none is shown."),
        (":pick 1 Ban", "there is no select 1 now; none is shown."),
        (":fill a", "there is no form to fill in now."),
        (":as nobody-here", "there is no user nobody-here; :who lists people, channels and roles."),
        (":go #generel", "there is no channel generel; did you mean general?"),
        (":skip soon", "'soon' is not a span of time; write for example 30s, 10m, 2h30m or 3d."),
        (":skip 9999999d", "the clock ends in the year 9999, and that is beyond it."),
        (":db nothing", "there is no table nothing; `:db` lists them."),
        (":rest x", ":rest takes how many requests to show, not 'x'."),
        (":join Some One", "'Some One' is no name of a user: 2 to 32 letters, digits, dots and underscores."),
        ("x" * 2001, "Discord takes at most 2000 characters, this has 2001."),
        (":join bob", "bob is already in Tux server."),
        (":as tux", "Tux is the bot and speaks for itself."),
        (":leave owner", "owner owns Tux server, and its owner cannot leave it."),
        (":leave tux", "Tux is the bot; it has to leave by itself."),
        (":save /no/such/folder/file", "/no/such/folder/file cannot be written: No such file or directory."),
    ],
)
async def test_what_cannot_be_carried_out_is_one_sentence_and_one_failure(play, line, sentence):
    lines = await play.says(line)
    assert " ".join(part.strip() for part in lines).removeprefix("! ") == sentence
    assert play.talk.failures == 1


async def test_the_conversation_goes_on_after_a_mistake(play):
    lines = await play.says("/nothing", "!prefix")
    assert lines[0].startswith("  ! there is no command nothing")
    assert any("Commands begin with `!` here" in line for line in lines)


async def test_a_person_speaks_as_others_and_only_where_those_may(play):
    lines = await play.says(":as bob", ":go #staff", "!warn @carol x")
    assert lines[0] == "  ! bob does not see #staff; :as changes who you are."
    assert "    │ `warn` is for rank 3 and above. Ask an administrator of this server for" in lines


async def test_buttons_are_clicked_by_number_and_by_label(play):
    lines = await play.says("/ban @carol test", ":click 2")
    assert "    [1] Ban  [2] Cancel" in lines
    assert "    │ @carol was not banned." in lines
    lines = await play.says("/ban @carol test", ":click ban", "/unban @carol")
    assert "  · carol was banned (reason: alice: test)" in lines
    assert "  · carol was unbanned (reason: alice: no reason given)" in lines
    assert play.talk.failures == 0
    assert await play.says(":join carol") == ["  · carol joined the server"]


async def test_somebody_joins_and_leaves(play):
    assert await play.says(":join erin", ":leave erin") == [
        "  · erin joined the server",
        "  · erin left the server",
    ]
    assert await play.says(":leave erin") == ["  ! erin is not in the server."]


async def test_a_reaction_is_put_under_the_last_message_here(play):
    lines = await play.says("good morning", ":react ⭐")
    assert lines == ['  · alice reacted with ⭐ to the message of alice in #general "good morning"']


async def test_a_direct_message_is_answered_in_private(play):
    lines = await play.says(":dm !prefix")
    assert lines[0] == "  DM to alice · Tux:"


async def test_the_clock_is_moved_and_times_are_told_by_it(play):
    before = clock.now()
    lines = await play.says("/timeout @bob 1h rest", ":skip 20m", "/cases list", "/untimeout @bob")
    assert "    │ Until   in 60 minutes" in lines
    assert "  · 20m later" in lines
    assert timedelta(minutes=20) <= clock.now() - before < timedelta(minutes=21)


async def test_tables_are_counted_and_shown_in_words(play):
    await play.says("/warn @bob for the table")
    counts = await play.says(":db")
    assert "  · guild_guilds: 1" in counts
    assert any(line.startswith("  · moderation_cases: ") for line in counts)
    rows = " ".join(line.strip() for line in await play.says(":db moderation_cases"))
    assert "case_reason for the table" in rows
    assert "case_user_id @bob" in rows
    assert "guild_id <server>" in rows


async def test_the_last_requests_of_the_bot_are_shown_with_names(play):
    await play.says("!prefix")
    assert await play.says(":rest 1") == ["  · POST /channels/#general/messages → 200"]


async def test_commands_people_and_orders_are_listed(play):
    commands = await play.says(":commands")
    assert "  · /warn member:@user [reason:text] — Warn a member." in commands
    who = await play.says(":who")
    assert "  · @alice: you, @Moderators" in who
    assert "  · @owner: the owner" in who
    orders = await play.says(":help")
    assert "  · :skip SPAN — move the clock forward, :skip 10m; what is due by then happens" in orders


async def test_what_was_typed_is_saved_and_never_over_a_file(play, tmp_path):
    script = tmp_path / "mine.txt"
    lines = await play.says("# A greeting", "hello", ":as bob", f":save {script}")
    assert script.read_text() == "# A greeting\nhello\n:as bob\n"
    assert "3 lines were saved" in " ".join(lines)
    await play.says(f":save {script}")
    assert play.talk.failures == 1
    assert script.read_text() == "# A greeting\nhello\n:as bob\n"


async def test_quit_ends_the_lines(play):
    assert await play.says(":quit", "hello @bob", "/nothing") == []


async def test_a_heading_and_the_echo_of_a_line_are_set_apart(play):
    play.file.seek(0)
    play.file.truncate()
    play.talk.is_over = False
    await converse(play.talk, ScriptLines("# One\n!prefix\n\n\nhello\n"), echo=True)
    lines = play.file.getvalue().splitlines()[1:]
    assert lines[:2] == ["", "── One " + "─" * 73]
    assert lines[2] == "alice #general> !prefix"
    assert lines[-2:] == ["", "alice #general> hello"]


async def test_tab_knows_the_commands_people_and_tables_of_this_moment(play):
    words = vocabulary(play.talk)
    assert completions("/wa", words) == ["/warn "]
    assert completions("/warn member:@b", words) == ["member:@bob "]
    assert completions(":as c", words) == ["carol "]
    assert completions(":go ", words) == ["#general ", "#mod-log ", "#staff ", "#starboard "]


async def test_a_database_with_rows_is_used_as_it_is(tux_databases, tux_root):
    async with scratch_database(tux_root) as url:
        async with opened(tux_root, url) as play:
            await play.says("/warn @bob first")
        async with opened(tux_root, url) as play:
            lines = await play.says("/warn @bob second", "/cases list")
    assert "    │ #2 WARN @bob by @alice: second" in lines
    assert "    │ #1 WARN @bob by @alice: first" in lines


@pytest.fixture
def environment(tmp_path):
    """The environment of a process whose local folder is of this test alone."""
    return {**os.environ, "TUX_LOCAL__FOLDER": str(tmp_path), "TERM": "xterm", "COLUMNS": "100"}


async def piped(text, environment, root):
    return await asyncio.to_thread(
        subprocess.run,
        [TUX, "console"],
        input=text,
        env=environment,
        cwd=root,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


async def test_a_pipe_plays_in_an_emptied_database_beside_that_of_the_url(tux_root, tux_databases, environment):
    async with scratch_database(tux_root) as url:
        environment["DATABASE_URL"] = url
        first = await piped("/warn @bob spam\n/cases list\n", environment, tux_root)
        second = await piped("/warn @bob spam\n/cases list\n/nothing", environment, tux_root)
        own = await asyncpg.connect(url)
        assert await own.fetchval("SELECT count(*) FROM moderation_cases") == 0
        await own.close()
        await tux_databases.drop(f"{url.partition('?')[0].rpartition('/')[2]}_script")
    assert (first.returncode, first.stderr) == (0, "")
    assert "│ #1 WARN @bob by @alice: spam" in first.stdout
    assert second.returncode == 1
    assert second.stdout.startswith(first.stdout)
    assert "! there is no command nothing; :commands lists them." in second.stdout


class Keyboard:
    """A program in a terminal of its own."""

    def __init__(self, environment, root):
        self.master, slave = pty.openpty()
        # who runs the tests in the background may have given them a SIGINT that is ignored; a terminal does not
        take_terminal = (
            "import fcntl, os, signal, sys, termios; signal.signal(signal.SIGINT, signal.SIG_DFL); "
            "fcntl.ioctl(0, termios.TIOCSCTTY, 0); os.execv(sys.argv[1], sys.argv[1:])"
        )
        self.process = subprocess.Popen(
            [sys.executable, "-c", take_terminal, TUX, "console"],
            stdin=slave,
            stdout=slave,
            stderr=slave,
            env=environment,
            cwd=root,
            start_new_session=True,
        )
        os.close(slave)
        self.seen = ""

    def types(self, keys):
        os.write(self.master, keys.encode())

    def waits_for(self, text, seconds=60):
        deadline = time.monotonic() + seconds
        while text not in self.seen:
            assert time.monotonic() < deadline, f"{text!r} did not come: {self.seen!r}"
            if select.select([self.master], [], [], 0.1)[0]:
                self.seen += os.read(self.master, 65536).decode(errors="replace")
        self.seen = self.seen.partition(text)[2]

    def ends(self):
        code = self.process.wait(timeout=60)
        os.close(self.master)
        return code


def sit_down(environment, root, url):
    environment["DATABASE_URL"] = url
    keyboard = Keyboard(environment, root)
    keyboard.waits_for("alice #general> ")
    keyboard.types("/wa\t@bo\tspam\r")
    keyboard.waits_for("was warned.")
    keyboard.types("/nothing\r")
    keyboard.waits_for("there is no command nothing")
    keyboard.waits_for("alice #general> ")
    keyboard.types("half a line\x03")
    return keyboard.ends()


@pytest.mark.parametrize("broken", [OSError(5, "Input/output error"), ValueError("I/O operation on closed file")])
async def test_a_terminal_that_is_gone_is_the_end_of_the_lines(broken):
    def read(_prompt):
        raise broken

    assert await asyncio.wait_for(TypedLines(read).next("alice> "), 10) is None


async def test_without_a_standard_input_there_are_no_lines(tux_root, tux_databases, environment):
    async with scratch_database(tux_root) as url:
        environment["DATABASE_URL"] = url
        done = await asyncio.to_thread(
            subprocess.run, ["bash", "-c", '"$0" console <&-', TUX], env=environment, cwd=tux_root,
            capture_output=True, text=True, timeout=60, check=False,
        )  # fmt: skip
        await tux_databases.drop(f"{url.partition('?')[0].rpartition('/')[2]}_script")
    assert (done.returncode, done.stderr) == (0, "")
    assert "is online" in done.stdout


async def test_what_comes_while_somebody_types_is_written_above_the_line_that_is_typed(monkeypatch, capsys):
    pressed, asked = threading.Event(), threading.Event()

    def read(prompt):
        asked.set()
        pressed.wait(10)
        return f"{prompt}said"

    monkeypatch.setenv("COLUMNS", "20")
    monkeypatch.setattr(terminal, "_typed", lambda: "/warn @bob for much")
    lines = TypedLines(read)
    with lines.aside():
        print("before the first prompt")
    reading = asyncio.create_task(lines.next("alice> "))
    await asyncio.to_thread(asked.wait, 10)
    with lines.aside():
        print("news")
    pressed.set()
    assert await reading == "alice> said"
    with lines.aside():
        print("an answer is written")
    erased = "\x1b[1A\r\x1b[J"  # 26 cells in rows of 20: the cursor is one row below the line's beginning
    written = f"before the first prompt\n{erased}news\nalice> /warn @bob for muchan answer is written\n"
    assert capsys.readouterr().out == written


async def test_a_line_that_is_no_text_is_refused_and_those_after_it_are_heard(
    tux_root, tux_databases, environment, tmp_path
):
    lines = b"\xef\xbb\xbf/cases list\n/warn @bob caf\xe9\n/warn @bob caf\xc3\xa9\n/cases list\n"
    (tmp_path / "script.txt").write_bytes(lines)
    async with scratch_database(tux_root) as url:
        environment |= {"DATABASE_URL": url, "LC_ALL": "en_US.ISO-8859-1", "PYTHONUTF8": "0"}
        told = [
            await asyncio.to_thread(
                subprocess.run, [TUX, "console", *words], input=lines, env=environment, cwd=tux_root,
                capture_output=True, timeout=60, check=False,
            )
            for words in ([], [tmp_path / "script.txt"])
        ]  # fmt: skip
        await tux_databases.drop(f"{url.partition('?')[0].rpartition('/')[2]}_script")
    for done in told:
        assert (done.returncode, done.stderr) == (1, b"")
        assert b"alice #general> /cases list\n" in done.stdout
        assert b"! this line is not UTF-8 text, so nothing was sent." in done.stdout
        assert b"#1 WARN @bob by @alice: caf" in done.stdout
        assert b"Cases (1)" in done.stdout


async def test_a_person_types_completes_by_tab_and_leaves_by_control_c(tux_root, tux_databases, environment, tmp_path):
    async with scratch_database(tux_root) as url:
        assert await asyncio.to_thread(sit_down, environment, tux_root, url) == 0
        name = f"{url.partition('?')[0].rpartition('/')[2]}_console"
        async with tux_databases.connected(name) as connection:
            assert await connection.fetchval("SELECT case_reason FROM moderation_cases") == "spam"
        await tux_databases.drop(name)
    assert "/warn @bob spam" in (tmp_path / "console_history").read_text()
