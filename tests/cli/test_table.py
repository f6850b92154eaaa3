"""What `undersigned --help` says, and what there is."""

import os
import subprocess
import sys
from dataclasses import replace
from importlib import import_module
from pathlib import Path

import typer

from undersigned.cli.table import COMMANDS
from undersigned.service import configured, open_service, quiet


def test_it_names_every_command_where_it_stands() -> None:
    """Each command that a module brings has its line, and each line its command."""
    found = {}
    for module in {module for module, _ in COMMANDS.values()}:
        part = typer.Typer()
        import_module(f"undersigned.cli.{module}").register(part)
        found |= dict.fromkeys(typer.main.get_group(part).commands, module)

    assert found == {name: module for name, (module, _) in COMMANDS.items()}


def test_its_help_needs_nothing_that_the_commands_need() -> None:
    """Whoever asks what there is waits for no database and no mail library."""
    program = "import sys; from undersigned import cli\ntry: cli.main(['--help'])\nexcept SystemExit: pass\nprint(sorted(sys.modules), file=sys.stderr)"  # noqa: E501 - a program in one line

    ended = subprocess.run(
        [sys.executable, "-c", program], check=True, capture_output=True, text=True
    )

    assert all(f"  {name} " in ended.stdout for name in COMMANDS)
    assert "'undersigned.errors'" in ended.stderr
    for heavy in ("sqlalchemy", "celery", "imapclient", "aiosmtplib", "babel", "undersigned.flows"):
        assert f"'{heavy}'" not in ended.stderr


#: What takes long to load and tells nobody where a campaign stands.
HEAVY = (
    "aiosmtplib", "alembic", "authlib", "babel", "celery", "cryptography", "dkim", "dns",
    "imapclient", "jinja2", "markdown_it", "nh3", "redis", "requests", "starlette",
    "typst", "undersigned.flows.apply", "undersigned.reading", "undersigned.transport.smtp",
    "undersigned.writing",
)  # fmt: skip


def test_its_status_needs_nothing_that_the_other_commands_need(tmp_path: Path) -> None:
    """Whoever looks where a campaign stands waits for no mail library, template or migration."""
    url = f"sqlite:///{tmp_path}/undersigned.db"
    open_service(replace(configured({}), database_url=url), announce=quiet).close()
    program = "import sys; from undersigned import cli\ntry: cli.main(['status', '-c', 'x'])\nexcept SystemExit: pass\nprint(sorted(sys.modules), file=sys.stderr)"  # noqa: E501 - a program in one line

    ended = subprocess.run(
        [sys.executable, "-c", program],
        check=True,
        capture_output=True,
        text=True,
        env={**os.environ, "UNDERSIGNED_DATABASE_URL": url},
    )

    assert "'undersigned.flows.status'" in ended.stderr
    assert [one for one in HEAVY if f"'{one}'" in ended.stderr] == []
