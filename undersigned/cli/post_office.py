"""The rehearsal's post office by itself: post-office."""

import os
import ssl
import threading
from pathlib import Path
from typing import Annotated

import typer

from undersigned import pulse
from undersigned.accounts import Account
from undersigned.cli import desk, engine
from undersigned.errors import Refused
from undersigned.service import configured, utc_now
from undersigned.settings import Settings

#: How often a sign of life is left, in seconds.
PULSE_SECONDS = 5


def register(app: typer.Typer) -> None:
    """Add this command to the command line."""
    app.command("post-office")(post_office)


def post_office(
    account: Annotated[str, typer.Option(help="The mail account it serves.")] = "default",
    host: Annotated[str, typer.Option(help="Where to listen.")] = "127.0.0.1",
    smtp_port: Annotated[int, typer.Option(help="0: any that is free.")] = 0,
    imap_port: Annotated[int, typer.Option(help="0: any that is free.")] = 0,
    certificate: Annotated[Path | None, typer.Option(help="PEM; for TLS on both.")] = None,
    key: Annotated[Path | None, typer.Option(help="PEM; of the certificate.")] = None,
    keep: Annotated[Path, typer.Option(help="Keeps every message as .eml.")] = Path("var/mail"),
) -> None:
    """Run a post office that delivers nowhere, to try a campaign on.

    It takes all mail, keeps it in a folder, and has the account's mailbox behind IMAP.

    Example: undersigned post-office --smtp-port 1025 --imap-port 1143
    """
    from undersigned.rehearsal.mailbox import Bind  # noqa: PLC0415 - needs the rehearsal's servers
    from undersigned.rehearsal.post_office import PostOffice  # noqa: PLC0415 - as above

    settings = configured(os.environ)
    serves = _served(settings, account)
    stopping = threading.Event()
    engine.until_stopped(stopping.set)
    bind = Bind(host=host, smtp_port=smtp_port, imap_port=imap_port, tls=_tls(certificate, key))
    with PostOffice(
        clock=utc_now,
        mailbox=serves.address,
        username=serves.imap_username or serves.address,
        password=serves.imap_password or "rehearsal",
        keep=keep,
        bind=bind,
    ) as office:
        smtp, imap = office.accounts()
        desk.talk().print(f"SMTP on port {smtp.port}, IMAP on port {imap.port}. Stop with Ctrl-C.")
        while not stopping.wait(PULSE_SECONDS):
            if settings.pulse is not None:
                pulse.leave(settings.pulse, engine.Role.POST_OFFICE)


def _served(settings: Settings, name: str) -> Account:
    served = settings.accounts.get(name)
    if served is None or not served.address:
        raise Refused(
            f"The account {name!r} has no address in the settings: the post office needs to know "
            "whose mailbox it keeps."
        )
    return served


def _tls(certificate: Path | None, key: Path | None) -> ssl.SSLContext | None:
    if certificate is None:
        return None
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    try:
        context.load_cert_chain(certificate, key)
    except OSError as exc:
        raise Refused(f"The certificate in {certificate} cannot be used: {exc}.") from exc
    return context
