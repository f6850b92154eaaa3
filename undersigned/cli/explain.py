"""Explain: what was read in a reply, and why; no database, no mailbox."""

import json
import os
import tomllib
from pathlib import Path
from typing import Annotated, Any

import typer

from undersigned import resources
from undersigned.domain.house_style import Countries
from undersigned.errors import Refused
from undersigned.reading import Question
from undersigned.reading import explain as reading
from undersigned.service import configured

_UNREADABLE = "unreadable"


def register(top: typer.Typer) -> None:
    """Add this command to the command line."""
    top.command(name="explain")(explain)


def explain(
    file: Annotated[Path | None, typer.Argument(help="A reply, as a .eml file.")] = None,
    invited: Annotated[
        Path | None, typer.Option(help="JSON: the party (kind, name, email, …), or a corpus row.")
    ] = None,
    sent: Annotated[Path | None, typer.Option(help="The message of ours that is answered.")] = None,
    signed: Annotated[bool, typer.Option("--signed", help="The party is on the list.")] = False,
    cases: Annotated[
        Path | None, typer.Option(help="Rows with file, invited, state: print a JSON line each.")
    ] = None,
    public_provider: Annotated[
        list[str] | None, typer.Option(help="One more public mail provider's domain.")
    ] = None,
    authserv_id: Annotated[
        list[str] | None, typer.Option(help="One more server whose verdicts are trusted.")
    ] = None,
) -> None:
    """Tell what was read in a reply: own words, language, party, proof, rules, verdict.

    Example: undersigned explain reply.eml --invited party.json --sent invitation.eml
    """
    if (file is None) == (cases is None):
        raise Refused("Name one reply, or rows of replies with --cases.")
    known = _known(public_provider or [], authserv_id or [])
    if cases is not None:
        for line in _text(cases).splitlines():
            if line.strip():
                typer.echo(_json(_case(line, cases.parent, known)))
    elif file is not None:
        row = _row(invited) | ({"state": "signed"} if signed else {})
        question = _question(row, known, sent=_octets(sent) if sent else None)
        typer.echo("\n".join(reading.explain(_octets(file), question).lines()))


def _known(providers: list[str], servers: list[str]) -> dict[str, Any]:
    """Give what every reply is read with: the configured facts, and those added here."""
    table = tomllib.loads(resources.config_text("public_mail_providers.toml"))
    accounts = configured(os.environ).accounts.values()
    configured_ids = (one for account in accounts for one in account.authserv_ids)
    return {
        "countries": Countries.from_table(tomllib.loads(resources.config_text("countries.toml"))),
        "public_providers": frozenset(one.lower() for one in [*table["domains"], *providers]),
        "authserv_ids": frozenset(one.lower() for one in [*configured_ids, *servers]),
    }


def _question(row: dict[str, Any], known: dict[str, Any], *, sent: bytes | None = None) -> Question:
    party = row.get("invited")
    return Question(
        prospect=reading.invited(party) if party else None,
        signed=row.get("state") == "signed",
        sent=sent,
        **known,
    )


def _case(line: str, folder: Path, known: dict[str, Any]) -> dict[str, Any]:
    """Give the line of one row; whatever is wrong with it, the run goes on."""
    name: object = None
    try:
        row = json.loads(line)
        name = row["file"]
        raw = (folder / row["file"]).read_bytes()
        sent = (folder / row["sent"]).read_bytes() if row.get("sent") else None
        read = reading.explain(raw, _question(row, known, sent=sent)).row()
    except Exception:  # noqa: BLE001 - one bad row must not hide what the others say
        read = reading.unreadable(_UNREADABLE)
    return {"file": name, **read}


def _json(row: dict[str, Any]) -> bytes:
    """Give a line of UTF-8, whatever the terminal's own charset is."""
    return json.dumps(row, ensure_ascii=False).encode("utf-8", "replace")


def _row(path: Path | None) -> dict[str, Any]:
    """Give the row that the file holds: a whole one, or the party alone."""
    if path is None:
        return {}
    try:
        table = json.loads(_text(path))
        row = table if "invited" in table else {"invited": table}
        reading.invited(row["invited"])
    except (ValueError, KeyError, TypeError) as exc:
        raise Refused(
            f"{path} names no party: it needs kind (organization or individual), name and email."
        ) from exc
    return dict(row)


def _text(path: Path) -> str:
    try:
        return _octets(path).decode("utf-8")
    except UnicodeDecodeError as exc:
        raise Refused(f"{path} is no text in UTF-8.") from exc


def _octets(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as exc:
        raise Refused(f"{path} cannot be read: {exc.strerror}.") from exc
