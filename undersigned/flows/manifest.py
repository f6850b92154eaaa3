"""Manifest: everything that a frozen letter is made of, and the letter as each mission gets it.

The manifest holds its words, list, addressees and templates, so that the letter can be made again
from it alone, byte for byte; and the SHA-256 of each thing that was made.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from undersigned import resources
from undersigned.domain import addressees, addresses, letter
from undersigned.domain.addressees import Addressee
from undersigned.domain.campaign import Plan
from undersigned.domain.letter import Errand, Letter
from undersigned.domain.listing import Kind
from undersigned.flows import missions
from undersigned.flows.arrange import printed_list
from undersigned.service import Service
from undersigned.store import freezes
from undersigned.store.paper_tables import CopyRow
from undersigned.store.tables import CampaignRow, FreezeRow
from undersigned.writing import emails
from undersigned.writing.compose import Attachment, Headers, compose
from undersigned.writing.emails import Follows
from undersigned.writing.letter_pdf import as_pdf
from undersigned.writing.printed import PrintedLetter
from undersigned.writing.render import Rendered, Templates

MAIL = "letter-to-mission"
Manifest = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Copy:
    """A letter as one addressee gets it."""

    code: str
    subject: str
    text: str
    html: str
    pdf: bytes
    language: str

    @property
    def digests(self) -> dict[str, str]:
        """The SHA-256 of each of its parts, hexadecimal."""
        parts = {"subject": self.subject, "text": self.text, "html": self.html}
        return {name: sha256(part.encode()) for name, part in parts.items()} | {
            "pdf": sha256(self.pdf)
        }


def sha256(content: bytes) -> str:
    """Give the SHA-256, hexadecimal."""
    return hashlib.sha256(content).hexdigest()


def digest(manifest: Manifest) -> str:
    """Give the SHA-256 of a manifest's canonical JSON, hexadecimal: what an approval names."""
    text = json.dumps(manifest, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return sha256(text.encode())


# What it is made of.


def content(
    session: Session,
    campaign: CampaignRow,
    words: Letter,
    *,
    errand: Errand = Errand.LETTER,
    first: FreezeRow | None = None,
    below: int | None = None,
) -> Manifest:
    """Give what a letter would be made of now, without what is made of it.

    `first` is the letter that a supplement or a correction follows; `below` is its own number,
    where it is frozen already.
    """
    plan = Plan.from_table(campaign.plan)
    groups = _lines(printed_list(session, campaign), errand, _before(session, first, below))
    return {
        "campaign": campaign.name,
        "errand": errand.value,
        "follows": _followed(first),
        "letter": words_table(words),
        "language": plan.language,
        "organizer": plan.organizer,
        "paper": plan.paper,
        "from": {"name": plan.sender_name, "address": plan.sender_address},
        "reply_address": plan.reply_address,
        "reply_tagged": plan.tagged,
        "list": groups,
        "counts": {kind: len(group) for kind, group in groups.items()},
        "addressees": [_called(one, plan, words) for one in missions.values(session, campaign)],
    }


def _followed(first: FreezeRow | None) -> dict[str, str] | None:
    """Give what is said of the letter that this one follows."""
    if first is None:
        return None
    words = first.manifest["letter"]
    return {"digest": first.digest, "title": words["title"], "date": words["date"]}


Groups = Mapping[str, Sequence[str]]


def _before(session: Session, first: FreezeRow | None, below: int | None) -> Groups:
    """Give the names that have left under the letter: its own, those added, less those taken."""
    if first is None:
        return {}
    names = {kind: list(group) for kind, group in first.manifest["list"].items()}
    for row in freezes.following(session, first.id, below=below):
        for kind, group in row.manifest["list"].items():
            if row.kind == Errand.CORRECTION:
                names[kind] = _beyond(names[kind], group)
            else:
                names[kind] += group
    return names


def _lines(now: Groups, errand: Errand, before: Groups) -> dict[str, list[str]]:
    """Give the printed lines under each heading: all names, those that came, or those that left."""
    match errand:
        case Errand.SUPPLEMENT:
            return {kind: _beyond(group, before.get(kind, [])) for kind, group in now.items()}
        case Errand.CORRECTION:
            return {kind: _beyond(before.get(kind, []), group) for kind, group in now.items()}
        case _:
            return {kind: list(group) for kind, group in now.items()}


def _beyond(some: Sequence[str], others: Sequence[str]) -> list[str]:
    """Give the lines whose name stands in none of the others; a changed title is no new name."""
    known = {_name(one) for one in others}
    return [line for line in some if _name(line) not in known]


def _name(line: str) -> str:
    return line.partition(" / ")[0].partition(", ")[0]


def words_table(words: Letter) -> dict[str, str]:
    """Give a letter's words as JSON values, with their digest."""
    return {**asdict(words), "date": words.date.isoformat(), "digest": letter.digest(words)}


def words(manifest: Manifest) -> Letter:
    """Give the letter's words back."""
    table = {key: value for key, value in manifest["letter"].items() if key != "digest"}
    return Letter(**{**table, "date": date.fromisoformat(table["date"])})


def _called(one: Addressee, plan: Plan, words: Letter) -> dict[str, Any]:
    return {
        "code": one.code,
        "mission": one.mission,
        "block": list(one.block),
        "to": list(one.to),
        "cc": list(one.cc),
        "salutation": addressees.salutation(one, rule=plan.greeting, own=words.salutation),
    }


def differs(manifest: Manifest, now: Manifest) -> bool:
    """Say whether a letter made now would not be the one that the manifest describes."""
    return any(
        [_undigested(one) for one in manifest["addressees"]] != value
        if key == "addressees"
        else manifest[key] != value
        for key, value in now.items()
    )


def _undigested(addressee: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in addressee.items() if key != "sha256"}


# What is made of it.


def printed(manifest: Manifest, addressee: Mapping[str, Any] | None = None) -> PrintedLetter:
    """Give the letter as it is printed for one addressee, or the copy for all."""
    own = words(manifest)
    return PrintedLetter(
        letter=own,
        salutation=addressee["salutation"] if addressee else own.salutation,
        groups={Kind(kind): group for kind, group in manifest["list"].items()},
        organizer=manifest["organizer"],
        language=manifest["language"],
        addressee=tuple(addressee["block"]) if addressee else (),
    )


def follows(manifest: Manifest) -> Follows | None:
    """Give what a supplement or a correction follows; None for the letter itself."""
    first = manifest["follows"]
    if first is None:
        return None
    return Follows(
        errand=Errand(manifest["errand"]),
        title=first["title"],
        date=date.fromisoformat(first["date"]),
    )


@dataclass(frozen=True, kw_only=True)
class Shop:
    """What letters are set with: templates, the typst template, fonts."""

    templates: Templates
    typst_template: Path
    font_folders: Sequence[Path] = ()

    def pdf(self, of: PrintedLetter, paper: str) -> bytes:
        """Give the letter as PDF; a character that no font has is a `PermanentFailure`."""
        return as_pdf(of, self.typst_template, paper=paper, font_folders=self.font_folders)

    def copy(self, manifest: Manifest, addressee: Mapping[str, Any]) -> Copy:
        """Give the letter as one addressee gets it."""
        of = printed(manifest, addressee)
        body = emails.letter_to_mission(
            of, self.templates, sender=manifest["from"]["name"], follows=follows(manifest)
        )
        language = self.templates.language_for(MAIL, manifest["language"])
        rendered = self.templates.render(MAIL, body, language)
        return Copy(
            code=addressee["code"],
            subject=rendered.subject,
            text=rendered.text,
            html=rendered.html,
            pdf=self.pdf(of, manifest["paper"]),
            language=rendered.language,
        )


def shop(service: Service) -> Shop:
    """Give what this installation sets letters with; the operator's own templates first."""
    own = service.settings.templates
    mine = own / "letter" / "letter.typ" if own else None
    shipped = resources.templates("letter") / "letter.typ"
    return Shop(
        templates=service.templates,
        typst_template=mine if mine and mine.is_file() else shipped,
        font_folders=[service.settings.fonts] if service.settings.fonts else [],
    )


@dataclass(frozen=True, kw_only=True)
class Posting:
    """What a letter's message has that its manifest does not know: ids, the instant, receivers."""

    to: Sequence[str]
    cc: Sequence[str] = ()
    #: The mission's name; None on a test.
    to_name: str | None
    token: str
    message_id: str
    date: datetime
    #: The Message-ID of the letter that this one follows.
    answers: str | None = None
    #: What stands before the subject: nothing, save on a test.
    mark: str = ""


def mail(manifest: Manifest, copy: Copy, posting: Posting) -> bytes:
    """Give the bytes of a letter's message; the same values always give the same bytes."""
    sender = manifest["from"]
    headers = Headers(
        from_name=sender["name"],
        from_address=sender["address"],
        to_address=posting.to[0],
        to_name=posting.to_name,
        to_more=tuple(posting.to[1:]),
        cc=tuple(posting.cc),
        reply_to=_answers_to(manifest, posting.token),
        message_id=posting.message_id,
        own_id=posting.token,
        date=posting.date,
        in_reply_to=posting.answers,
        references=tuple(filter(None, [posting.answers])),
    )
    rendered = Rendered(
        subject=f"{posting.mark}{copy.subject}",
        text=copy.text,
        html=copy.html,
        language=copy.language,
    )
    name = f"{manifest['campaign']}.pdf"
    pdf = Attachment(filename=name, content=copy.pdf, media_type="application/pdf")
    return compose(headers, rendered, [pdf])


def _answers_to(manifest: Manifest, token: str) -> str:
    address = manifest["reply_address"]
    return addresses.tagged(address, token) if manifest["reply_tagged"] else address


def from_row(row: CopyRow) -> Copy:
    """Give a kept copy as a value."""
    return Copy(
        code=row.code,
        subject=row.subject,
        text=row.text,
        html=row.html,
        pdf=row.pdf,
        language=row.language,
    )
