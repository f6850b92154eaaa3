"""What `undersigned --help` says, and what there is."""

import subprocess
import sys
from importlib import import_module

import typer

from undersigned.cli.table import COMMANDS


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
