"""The command line: one module per noun."""

import sys
from collections.abc import Sequence

import typer

from undersigned.cli import (
    campaign,
    desk,
    dispatch,
    engine,
    explain,
    letter,
    missions,
    post_office,
    prospects,
    rehearse,
    replies,
    review,
    signatories,
    upkeep,
)
from undersigned.errors import TemporaryFailure, UndersignedError

app = typer.Typer(
    name="undersigned",
    help="Carries one letter from a coalition to the people it is addressed to.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
    rich_markup_mode=None,
)
campaign.register(app)
replies.register(app)
review.register(app)
explain.register(app)
letter.register(app)
engine.register(app)
rehearse.register(app)
post_office.register(app)
upkeep.register(app)
app.add_typer(prospects.app, name="prospects")
app.add_typer(missions.app, name="missions")
app.add_typer(signatories.app, name="signatories")
app.add_typer(letter.app, name="letter")
app.add_typer(dispatch.app, name="dispatch")


def main(arguments: Sequence[str] | None = None) -> None:
    """Run a command; exit 0 done, 1 refused, 2 misuse, 3 try later."""
    try:
        app(args=arguments)
    except TemporaryFailure as exc:
        desk.talk().print(str(exc), markup=False)
        sys.exit(desk.TRY_LATER)
    except UndersignedError as exc:
        desk.talk().print(str(exc), markup=False)
        sys.exit(desk.REFUSED)
