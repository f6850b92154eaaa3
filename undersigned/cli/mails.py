"""Mails: show any mail that a party gets, send a copy to oneself."""

import sys
from typing import Annotated

import typer

from undersigned.cli import desk
from undersigned.cli.desk import CampaignOption, JsonOption
from undersigned.domain.addresses import normalize
from undersigned.flows import samples as flow

app = typer.Typer(help="The mails that parties get.", no_args_is_help=True)

MailArgument = Annotated[str, typer.Argument(help=f"One of {', '.join(flow.MAILS)}.")]
PartyOption = Annotated[str, typer.Option(help="Number, name or address; else the first.")]
LanguageOption = Annotated[str, typer.Option(help="Such as ko; else the party's own.")]


@app.command()
def show(
    mail: MailArgument,
    party: PartyOption = "",
    language: LanguageOption = "",
    campaign: CampaignOption = None,
) -> None:
    """Write a mail as it would be sent now to stdout, to the last byte; nothing is sent.

    Example: undersigned mails show invitation --language ko > invitation.eml
    """
    with desk.service() as service:
        name = desk.name_of(campaign)
        raw = flow.octets(service, name, mail, party=party, language=language)
    sys.stdout.buffer.write(raw)


@app.command()
def send(
    mail: MailArgument,
    to: Annotated[str, typer.Argument(help="A coordinator's address.")],
    party: PartyOption = "",
    language: LanguageOption = "",
    campaign: CampaignOption = None,
    as_json: JsonOption = False,
) -> None:
    """Send a copy, marked [SAMPLE], to one of your own people.

    Example: undersigned mails send invitation desk@coalition.example --language ko
    """
    with desk.service() as service:
        name, address = desk.name_of(campaign), normalize(to)
        flow.send(service, name, mail, address, party=party, language=language)
    desk.say(f"A sample goes to {address}.", as_json=as_json, to=address)


def register(top: typer.Typer) -> None:
    """Add these commands to the command line."""
    top.add_typer(app, name="mails")
