"""Console: the pages in the browser."""

import typer

from undersigned.cli import desk
from undersigned.cli.desk import JsonOption
from undersigned.flows import sign_in

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
    from undersigned.console.serve import server  # noqa: PLC0415 - other commands need no server

    with desk.service() as service:
        desk.talk().print(f"The console is at {service.settings.console.url}. Stop with Ctrl-C.")
        server(service).run()


def register(top: typer.Typer) -> None:
    """Add these commands to the command line."""
    top.add_typer(app, name="console")
