"""docker-compose.yml: what runs in production, as far as it can be tried without containers."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import compose, servers
from tests.compose import Deployment
from tests.servers import postgres, redis
from undersigned import resources
from undersigned.service import configured

OURS = ("worker", "beat", "listener", "console", "post-office")
SERVERS = ("postgres", "redis")
#: Set from outside: what the containers themselves are told, not our settings.
THEIRS = re.compile(r"POSTGRES_\w+")


@pytest.fixture
def deployment(tmp_path: Path, postgres_server: str) -> Iterator[Deployment]:
    """Give a deployment with its Redis, on the suite's PostgreSQL."""
    port = servers.free_port()
    place = postgres_server.rpartition("@")[2]
    deployed = Deployment(
        tmp_path / "deployment",
        places={
            "postgres:5432/undersigned": f"{place}/postgres",
            "undersigned@": "postgres@",
            "redis:6379": f"127.0.0.1:{port}",
            "--host 0.0.0.0 --smtp-port 1465 --imap-port 1993": "--host 127.0.0.1",
            "/certificates": str(tmp_path),
            "/tmp/post-office.key": str(tmp_path / "key.pem"),  # noqa: S108 - the container's
            "/var/lib/undersigned/mail": str(tmp_path / "mail"),
            **redis.places(port),
        },
        settings={"UNDERSIGNED_PATHS_PULSE": str(tmp_path / "pulse")},
    )
    with deployed.running("redis"):
        servers.wait_until(lambda: servers.answers(port), "Redis")
        yield deployed


def checked(deployed: Deployment, name: str) -> subprocess.CompletedProcess[str]:
    """Run a service's health check."""
    return subprocess.run(
        deployed.health(name),
        env=deployed.environment(name),
        capture_output=True,
        text=True,
        check=False,
    )


def test_it_is_a_compose_file() -> None:
    """Docker Compose accepts the file: it follows the compose specification's schema."""
    program = Path(sys.executable).parent / "check-jsonschema"

    found = subprocess.run(
        [program, "--builtin-schema", "vendor.compose-spec", compose.FILE],
        capture_output=True,
        text=True,
        check=False,
    )

    assert found.returncode == 0, found.stdout


def test_it_has_everything_that_runs() -> None:
    """What works, what shows it, and their servers run; the post office only for rehearsals."""
    services = compose.services()

    assert set(services) == {*OURS, *SERVERS}
    assert [name for name in services if "profiles" in services[name]] == ["post-office"]


def test_it_lets_workers_be_many() -> None:
    """`--scale worker=N` works: nothing about a worker can exist only once."""
    worker = compose.services()["worker"]

    assert not {"container_name", "ports", "hostname"} & set(worker)


def test_it_publishes_the_console_to_this_machine_alone() -> None:
    """Nobody outside reaches the database, the broker, the post office, or a page without TLS."""
    published = {name: one["ports"] for name, one in compose.services().items() if "ports" in one}

    assert published == {"console": ["127.0.0.1:8080:8080"]}


def test_the_console_is_ready_as_its_health_check_asks(
    deployment: Deployment, tmp_path: Path
) -> None:
    """Its command serves pages, and a console that is gone is unhealthy."""
    port = servers.free_port()
    here = Deployment(
        tmp_path / "console",
        places={**deployment.places, "8080": str(port), "0.0.0.0": "127.0.0.1"},  # noqa: S104 - taken away
        settings={**deployment.settings, "UNDERSIGNED_CONSOLE_PORT": str(port)},
    )

    with here.running("console"):
        servers.wait_until(lambda: servers.answers(port), "the console")
        healthy = checked(here, "console")
    gone = checked(here, "console")

    assert healthy.returncode == 0, healthy.stderr + here.logs()
    assert gone.returncode != 0


@pytest.mark.parametrize("name", [*OURS, *SERVERS])
def test_it_checks_the_health_of_each(name: str) -> None:
    """A container that does not do its work is seen."""
    health = compose.services()[name]["healthcheck"]

    assert health["test"][0] in {"CMD", "CMD-SHELL"}
    assert {"interval", "timeout", "retries", "start_period"} <= set(health)


@pytest.mark.parametrize("name", OURS)
def test_it_runs_commands_that_there_are(name: str) -> None:
    """Each of our containers starts: its command and all its options exist."""
    words = " ".join(compose.unescaped(compose.services()[name]["command"])).replace("\\\n", " ")
    ours = words[words.rindex("undersigned ") :].split()
    options = [word for word in ours if word.startswith("--")]

    program = Path(sys.executable).parent / "undersigned"
    told = subprocess.run(
        [program, ours[1], "--help"], capture_output=True, text=True, check=True
    ).stdout

    assert [option for option in options if option not in told] == []


@pytest.mark.parametrize("file", ["config/compose.env", "config/rehearsal.env"])
def test_it_sets_only_what_can_be_set(file: str) -> None:
    """A setting with a slip in its name would be ignored in silence: there is none."""
    lines = (compose.ROOT / file).read_text(encoding="utf-8").splitlines()
    named = {line.partition("=")[0] for line in lines if line and not line.startswith("#")}
    for name in OURS:
        named |= set(compose.services()[name]["environment"])

    assert {name for name in named if not THEIRS.fullmatch(name)} <= _known()


def _known() -> set[str]:
    """Give the names of all variables, from the lines of the shipped settings."""
    names, section = set[str](), ""
    for line in resources.config_text("undersigned.toml").splitlines():
        if found := re.fullmatch(r"\[(.+)\]", line):
            section = found[1].replace(".", "_").upper()
        elif found := re.match(r"(\w+) = ", line):
            names |= {f"UNDERSIGNED_{section}_{found[1].upper()}"}
    return names | {f"{name}_FILE" for name in names}


def test_it_takes_secrets_from_files_alone(deployment: Deployment) -> None:
    """No password stands in the file or in a container's environment."""
    settings = configured(deployment.environment("worker"))

    assert f":{compose.PASSWORD}@" in settings.broker_url
    assert f":{compose.PASSWORD}@" in settings.database_url
    assert settings.accounts["default"].smtp_password == compose.PASSWORD
    assert settings.accounts["default"].imap_password == compose.PASSWORD
    told = {name for one in compose.services().values() for name in one.get("environment", {})}
    assert [name for name in told if "PASSWORD" in name and not name.endswith("_FILE")] == []


def test_it_keeps_every_wake_up_or_says_so(deployment: Deployment) -> None:
    """Redis drops nothing in silence when it is full, and asks for its password."""
    health = checked(deployment, "redis")
    asked = deployment.health("redis")[-1].replace("ping", "config get maxmemory-policy")
    policy = subprocess.run(
        ["/bin/sh", "-c", asked.replace("grep -q PONG", "tail -1")],
        capture_output=True,
        text=True,
        check=True,
    )

    assert health.returncode == 0, health.stderr
    assert policy.stdout.strip() == "noeviction"


def test_it_sees_that_redis_is_gone(tmp_path: Path) -> None:
    """A Redis that does not answer is unhealthy."""
    deployed = Deployment(
        tmp_path / "deployment", places=redis.places(servers.free_port()), settings={}
    )

    assert checked(deployed, "redis").returncode != 0


def test_it_asks_postgres_whether_it_takes_connections(postgres_server: str) -> None:
    """PostgreSQL is healthy when it lets us in."""
    command = compose.services()["postgres"]["healthcheck"]["test"][1:]
    port = postgres_server.rpartition(":")[2]
    programs = os.pathsep.join([str(postgres.programs()), os.environ["PATH"]])

    found = subprocess.run(
        ["/usr/bin/env", *command, "--port", port],
        env={"PATH": programs},
        capture_output=True,
        check=False,
    )

    assert found.returncode == 0, found.stderr


@pytest.mark.timeout(120)
def test_it_sees_a_worker_and_a_beat_that_work(deployment: Deployment) -> None:
    """Healthy means that the worker answers and that beat's ticks reach the broker."""
    assert checked(deployment, "worker").returncode == 1
    assert checked(deployment, "beat").returncode == 1

    with deployment.running("worker", "beat"):
        servers.wait_until(lambda: checked(deployment, "worker").returncode == 0, "the worker")
        servers.wait_until(lambda: checked(deployment, "beat").returncode == 0, "beat")


@pytest.mark.timeout(120)
def test_it_has_a_post_office_for_rehearsals(deployment: Deployment) -> None:
    """The rehearsal's post office starts with a certificate of its own, and says that it lives."""
    with deployment.running("post-office"):
        servers.wait_until(
            lambda: checked(deployment, "post-office").returncode == 0, "the post office"
        )

        assert "BEGIN CERTIFICATE" in (deployment.folder.parent / "post-office.pem").read_text()


def test_it_says_who_gives_no_sign_of_life(deployment: Deployment) -> None:
    """An unhealthy listener says so in a sentence."""
    found = checked(deployment, "listener")

    assert found.returncode == 1
    assert "The listener gives no sign of life: none." in found.stderr
