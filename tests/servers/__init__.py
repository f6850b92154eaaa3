"""Private servers on free loopback ports, with data in a temporary folder; no system service."""

import os
import pwd
import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest

#: With CI=true a missing server is a failure, never a skip.
IS_CI = os.environ.get("CI", "").lower() in ("1", "true")
#: A loopback server that takes longer to come up is broken.
PATIENCE_SECONDS = 30
#: Servers that refuse to run as root run as this user, which every Linux has.
NOBODY = "nobody"


def missing(what: str, install: str) -> None:
    """Leave a suite out for want of a server, saying what to install; fail where CI runs."""
    sentence = f"{what} is not installed: {install}"
    if IS_CI:
        pytest.fail(sentence)
    pytest.skip(sentence)


def program(name: str, *, install: str, folders: Sequence[str] = ()) -> Path:
    """Give the path of a program, or leave the suite out."""
    path = os.pathsep.join([*folders, "/usr/sbin", "/usr/lib/postfix/sbin", os.environ["PATH"]])
    found = shutil.which(name, path=path)
    if found is None:
        missing(name, install)
    return Path(str(found))


def free_port() -> int:
    """Give a loopback port that was free just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_until(is_up: Callable[[], bool], what: str) -> None:
    """Wait until a server answers; raises TimeoutError naming it."""
    until = time.monotonic() + PATIENCE_SECONDS
    while not is_up():
        if time.monotonic() > until:
            raise TimeoutError(f"{what} did not come up within {PATIENCE_SECONDS} seconds")
        time.sleep(0.02)


def answers(port: int) -> bool:
    """Say whether something listens on a loopback port."""
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0


def unprivileged(folder: Path) -> str | None:
    """Give the user to run a server as, or None to run as oneself; the folder becomes theirs."""
    if os.getuid() != 0:
        return None
    user = pwd.getpwnam(NOBODY)
    for path in (folder, *folder.rglob("*")):
        os.chown(path, user.pw_uid, user.pw_gid)
    let_in(folder)
    return NOBODY


def let_in(folder: Path) -> None:
    """Let other users come as far as a folder: pytest's are for root alone."""
    for parent in folder.parents:
        if parent == Path("/tmp") or parent == Path("/"):  # noqa: S108 - it is compared, not used
            break
        parent.chmod(parent.stat().st_mode | 0o111)


@contextmanager
def process(
    command: Sequence[str | Path],
    *,
    log: Path,
    user: str | None = None,
    environment: Mapping[str, str] | None = None,
) -> Iterator[subprocess.Popen[bytes]]:
    """Run a server until the block ends; its output goes to a file."""
    group = pwd.getpwnam(user).pw_gid if user else None
    with log.open("ab") as out:
        server = subprocess.Popen(
            [str(part) for part in command],
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=out,
            user=user,
            group=group,
            extra_groups=[] if user else None,
            env=dict(environment) if environment is not None else None,
            cwd=log.parent,
        )
    try:
        yield server
    finally:
        server.terminate()
        try:
            server.wait(PATIENCE_SECONDS)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()
