"""docker-compose.yml, run without containers: its own commands and settings on private servers."""

import os
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from subprocess import Popen
from typing import Any

import yaml

from tests import servers

ROOT = Path(__file__).parents[1]
FILE = ROOT / "docker-compose.yml"
#: Where containers find their secrets.
SECRETS = "/run/secrets"
#: Every secret of the suite's servers.
PASSWORD = "rehearsal"


def services() -> dict[str, dict[str, Any]]:
    """Give the services by name."""
    table: dict[str, dict[str, Any]] = yaml.safe_load(FILE.read_text(encoding="utf-8"))["services"]
    return table


def env_file(service: str) -> dict[str, str]:
    """Give what a service's env_file says, where the operator names no other."""
    named = services()[service].get("env_file", [])
    files = [re.sub(r"\$\{\w+:-(.*)\}", r"\1", name) for name in named]
    lines = [line for name in files for line in (ROOT / name).read_text("utf-8").splitlines()]
    return dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))


def unescaped(words: Sequence[str]) -> list[str]:
    """Give the words as a container gets them: compose reads $$ as $."""
    return [word.replace("$$", "$") for word in words]


class Deployment:
    """The containers' processes on this machine, where servers have other addresses."""

    def __init__(
        self, folder: Path, *, places: Mapping[str, str], settings: Mapping[str, str]
    ) -> None:
        """Set it up.

        `places` says what stands in this machine's place of what the file says, `settings` what
        replaces its environment.
        """
        self.folder = folder
        self.secrets = folder / "secrets"
        self.places = {SECRETS: str(self.secrets), **places}
        self.settings = settings
        self.secrets.mkdir(parents=True)
        for name in yaml.safe_load(FILE.read_text(encoding="utf-8"))["secrets"]:
            (self.secrets / name).write_text(f"{PASSWORD}\n", encoding="utf-8")

    def here(self, text: str) -> str:
        """Give a text of the file with this machine's places."""
        for there, here in self.places.items():
            text = text.replace(there, here)
        return text

    def command(self, service: str) -> list[str]:
        """Give a service's command."""
        return [self.here(word) for word in unescaped(services()[service]["command"])]

    def health(self, service: str) -> list[str]:
        """Give the command that checks a service's health."""
        kind, *words = unescaped(services()[service]["healthcheck"]["test"])
        words = [self.here(word) for word in words]
        return ["sh", "-c", *words] if kind == "CMD-SHELL" else words

    def environment(self, service: str) -> dict[str, str]:
        """Give the environment of a service."""
        own = {**env_file(service), **services()[service].get("environment", {})}
        programs = [str(Path(sys.executable).parent), os.environ["PATH"]]
        return {
            "PATH": os.pathsep.join(programs),
            "HOME": str(self.folder),
            # What our processes do counts as covered.
            **{name: text for name, text in os.environ.items() if name.startswith("COVERAGE_")},
            **{name: self.here(value) for name, value in own.items()},
            **self.settings,
        }

    @contextmanager
    def running(self, *names: str) -> Iterator[list[Popen[bytes]]]:
        """Run services by their commands until the block ends; each name is one process."""
        with ExitStack() as stack:
            yield [
                stack.enter_context(
                    servers.process(
                        self.command(name),
                        log=self.folder / f"{name}-{number}.log",
                        environment=self.environment(name),
                    )
                )
                for number, name in enumerate(names, start=1)
            ]

    def logs(self) -> str:
        """Give what the processes wrote."""
        files = sorted(self.folder.glob("*.log"))
        return "\n".join(f"== {file.name}\n{file.read_text('utf-8', 'replace')}" for file in files)
