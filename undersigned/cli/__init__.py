"""The command line: one module per noun, imported when one of its commands is asked for."""

import sys
from collections.abc import Sequence
from importlib import import_module
from typing import Any, NoReturn

import typer
from typer.core import TyperGroup

from undersigned.cli import exits
from undersigned.cli.table import COMMANDS
from undersigned.errors import TemporaryFailure, UndersignedError


class Nouns(TyperGroup):
    """The commands of the table."""

    def list_commands(self, ctx: Any) -> list[str]:  # noqa: ARG002 - Typer's own signature
        """Give their names."""
        return list(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:  # noqa: ARG002 - Typer's own signature
        """Give the command of that name, from its module."""
        if cmd_name not in self.commands and cmd_name in COMMANDS:
            part = typer.Typer(rich_markup_mode=None)
            import_module(f"undersigned.cli.{COMMANDS[cmd_name][0]}").register(part)
            self.commands.update(typer.main.get_group(part).commands)
        return self.commands.get(cmd_name)

    def format_commands(self, ctx: Any, formatter: Any) -> None:  # noqa: ARG002 - Typer's own signature
        """Write the table."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, line) for name, (_, line) in COMMANDS.items()])


app = typer.Typer(
    name="undersigned",
    cls=Nouns,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
    rich_markup_mode=None,
)


@app.callback()
def undersigned() -> None:
    """Carries one letter from a coalition to the people it is addressed to."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Run a command; exit 0 done, 1 refused, 2 misuse, 3 try later."""
    try:
        app(args=arguments)
    except TemporaryFailure as exc:
        _leave(exc, exits.TRY_LATER)
    except UndersignedError as exc:
        _leave(exc, exits.REFUSED)


def _leave(exc: UndersignedError, code: int) -> NoReturn:
    print(exc, file=sys.stderr)  # noqa: T201 - talk goes to stderr
    sys.exit(code)
