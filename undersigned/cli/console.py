"""Console: the pages in the browser."""

import os
from pathlib import Path
from typing import Annotated

import typer

from undersigned.cli import desk
from undersigned.cli.desk import JsonOption
from undersigned.cli.engine import until_stopped
from undersigned.flows import sign_in
from undersigned.service import Service, configured

app = typer.Typer(help="The pages in the browser.", no_args_is_help=True)


@app.command()
def link(address: str, as_json: JsonOption = False) -> None:
    """Print a link that lets one person in, once, within 15 minutes.

    Example: undersigned console link alice@rights.example
    """
    with desk.service() as service:
        found = sign_in.link(service, address)
    desk.say(found, as_json=as_json, link=found)


@app.command()
def serve() -> None:
    """Serve the console alone; workers and beat run elsewhere.

    Example: undersigned console serve
    """
    with desk.service() as service:
        _serve(service, f"The console is at {service.settings.console.url}. Stop with Ctrl-C.")


@app.command()
def rehearsal(
    folder: Annotated[Path, typer.Argument(help="What `--into` named.")] = Path("var/demo"),
) -> None:
    """Look at a finished rehearsal; its clock stands still and nothing leaves.

    Example: undersigned console rehearsal var/demo
    """
    from undersigned.rehearsal import afterwards  # noqa: PLC0415 - other commands need it not

    service = afterwards.opened(configured(os.environ), folder)
    try:
        found = sign_in.link(service, afterwards.LOOKER)
        _serve(service, f"Open {found} in a browser. Stop with Ctrl-C.")
    finally:
        service.close()


def _serve(service: Service, sentence: str) -> None:
    from undersigned.console.serve import serving  # noqa: PLC0415 - other commands need no server

    until_stopped(service.stop)
    with serving(service):
        desk.talk().print(sentence, soft_wrap=True, markup=False)
        service.stopping.wait()


def register(top: typer.Typer) -> None:
    """Add these commands to the command line."""
    top.add_typer(app, name="console")
