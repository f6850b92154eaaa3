"""A crowd for benchmarks: a campaign with as many prospects and replies as one wants.

Made straight in the database, row for row as the flows leave them; mail that is still queued is
what a worker then truly sends.
"""

import hashlib
import itertools
import random
import secrets
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import insert
from sqlalchemy.orm import Session

from tests.campaigns import CAMPAIGN, LETTER, NAME, missions
from undersigned.domain import addresses
from undersigned.domain.roster import party_key
from undersigned.flows import apply, check, invite
from undersigned.service import Service
from undersigned.store import campaigns
from undersigned.store.base import Base
from undersigned.store.machine_tables import JournalRow
from undersigned.store.tables import (
    AttemptRow,
    DecisionRow,
    DeliveryRow,
    MessageRow,
    ProspectRow,
    ReplyRow,
    ReviewRow,
)

CHUNK = 2_000
ACCOUNT = "default"
_WORDS: Sequence[Sequence[str]] = (
    ("Busan", "Lagos", "Kyoto", "Tromsø", "Łódź", "Quito", "Accra", "Davao", "Perth", "Oulu"),
    ("Citizens", "Friends", "Centre", "Network", "Union", "Forum", "Council", "Society", "Watch"),
    ("for", "of", "against", "beyond"),
    ("Rights", "Memory", "Abductees", "Justice", "Truth", "Refuge", "Return", "Dignity"),
)
_COUNTRIES = ("South Korea", "Japan", "UK", "France", "Ghana", "Norway", "Chile", None)
#: Of twenty replies twelve sign, three decline, two wait for a person, three change nothing.
_FATES = ("sign",) * 12 + ("decline",) * 3 + ("review",) * 2 + ("note",) * 3
_RAW = (
    """From: {sender}\r\nTo: sign@letters.example\r\nSubject: Re: A matter of principle\r
Date: Mon, 22 Jun 2026 09:00:00 +0000\r\nMessage-ID: <{number}@crowd.example>\r
Content-Type: text/plain; charset=utf-8\r\n\r\nYes, please add us, {name}.\r\n\r
On Tue, 26 May 2026, Hana Whitfield wrote:\r\n"""
    + "> We write to you about it.\r\n" * 120
)


def gathered(service: Service, folder: Path, *, prospects: int, replies: int) -> None:
    """Make the campaign, open for ten days more, with its crowd."""
    now = service.now.replace(microsecond=0)
    _take_over(service, folder, now)
    with service.store.reading() as session:
        campaign = campaigns.get(session, NAME)
        edition = campaigns.edition(session, campaign.id)
    rows = _rows(campaign.id, edition.id, now, prospects=prospects, replies=replies)
    while chunk := list(itertools.islice(rows, CHUNK)):
        with service.store.writing() as session:
            _write(session, chunk)


def _take_over(service: Service, folder: Path, now: datetime) -> None:
    dates = {
        "opens = 2026-05-26": now - timedelta(days=10),
        "reminders = [2026-06-09": now + timedelta(days=5),
        "cutoff = 2026-06-19": now + timedelta(days=10),
        "dispatch = 2026-06-24": now + timedelta(days=15),
        "latest_start = 2026-06-24": now + timedelta(days=15),
    }
    plan = CAMPAIGN
    for words, at in dates.items():
        plan = plan.replace(words, f"{words[:-10]}{at:%Y-%m-%d}")
    folder.mkdir(parents=True, exist_ok=True)
    head = "kind,name,title,country,email,language,contact\n"
    for name, text in (
        ("campaign.toml", plan),
        ("letter.md", LETTER),
        ("prospects.csv", head),
        ("missions.csv", missions()),
    ):
        (folder / name).write_text(text, encoding="utf-8")
    apply.apply(service, check.check(service, folder), by="Alice")
    invite.open_campaign(service, NAME, by="Alice")


def _write(session: Session, chunk: Sequence[Sequence[tuple[type[Base], dict[str, Any]]]]) -> None:
    by_table: dict[type[Base], list[dict[str, Any]]] = {}
    for table, values in itertools.chain.from_iterable(chunk):
        by_table.setdefault(table, []).append(values)
    for table in (
        ProspectRow, MessageRow, DeliveryRow, AttemptRow, ReplyRow, DecisionRow, ReviewRow,
        JournalRow,
    ):  # fmt: skip
        if by_table.get(table):
            session.execute(insert(table), by_table[table])


def _rows(
    campaign: int, edition: int, now: datetime, *, prospects: int, replies: int
) -> Iterator[list[tuple[type[Base], dict[str, Any]]]]:
    """Give the rows of each party."""
    chance = random.Random(7)  # the same crowd every time
    for number in range(1, prospects + 1):
        fate = _FATES[number % len(_FATES)] if number <= replies else ""
        party = _party(campaign, number, fate, now)
        message = _message(campaign, edition, number, party, now)
        rows: list[tuple[type[Base], dict[str, Any]]] = [
            (ProspectRow, party),
            (MessageRow, message),
            (DeliveryRow, _delivery(campaign, number, party, fate, now)),
        ]
        if fate:
            at = now - timedelta(minutes=chance.randrange(14_000))
            rows += _answered(campaign, number, party, fate, at)
        yield rows


def _party(campaign: int, number: int, fate: str, now: datetime) -> dict[str, Any]:
    place = number
    words = []
    for some in _WORDS:
        place, at = divmod(place, len(some))
        words.append(some[at])
    name = f"{' '.join(words)} {number}"
    standing = {"sign": "signed", "decline": "declined"}.get(fate, "invited")
    return {
        "id": number,
        "campaign_id": campaign,
        "kind": "individual" if number % 6 == 0 else "organization",
        "name": name,
        "key": party_key(name),
        "title": "Professor, University of Norrhamn" if number % 6 == 0 else None,
        "country": _COUNTRIES[number % len(_COUNTRIES)],
        "email": f"office{number}@crowd.example",
        "contact": None,
        "language": "en",
        "more": {},
        "standing": standing,
        "answered_at": now if fate else None,
        "unsubscribed_at": None,
        "created_at": now,
    }


def _message(
    campaign: int, edition: int, number: int, party: dict[str, Any], now: datetime
) -> dict[str, Any]:
    token = addresses.token(secrets.token_bytes(addresses.TOKEN_BITS // 8))
    return {
        "id": number,
        "campaign_id": campaign,
        "purpose": "invitation",
        "subject": f"prospect:{number}",
        "round": 0,
        "token": token,
        "message_id": f"<{token}@letters.example>",
        "prospect_id": party["id"],
        "edition_id": edition,
        "template": "invitation",
        "language": "en",
        "facts": {},
        "created_at": now,
    }


def _delivery(
    campaign: int, number: int, party: dict[str, Any], fate: str, now: datetime
) -> dict[str, Any]:
    return {
        "id": number,
        "message_id": number,
        "campaign_id": campaign,
        "account": ACCOUNT,
        "purpose": "invitation",
        "address": party["email"],
        "domain": addresses.domain(party["email"]),
        "header": "to",
        "state": "accepted" if fate else "queued",
        "attempts": 1 if fate else 0,
        "due_at": now,
        "losses": 0,
        "fence": 1 if fate else 0,
        "changed_at": now,
        "created_at": now,
    }


def _answered(
    campaign: int, number: int, party: dict[str, Any], fate: str, at: datetime
) -> Iterator[tuple[type[Base], dict[str, Any]]]:
    raw = _RAW.format(number=number, name=party["name"], sender=party["email"]).encode()
    yield (AttemptRow, {"delivery_id": number, "fence": 1, "account": ACCOUNT, "at": at,
        "phase": "body", "code": 250, "answer": "250 ok", "outcome": "accepted"})  # fmt: skip
    verdict = {"own_words": f"Yes, please add us, {party['name']}.", "proof": "none",
        "sender": "invited", "intent": "sign", "reason": "plain-consent", "fired": [],
        "listings": []}  # fmt: skip
    yield (ReplyRow, {"id": number, "account": ACCOUNT, "folder": "INBOX", "uidvalidity": 1,
        "uid": number, "received_at": at, "fetched_at": at, "size": len(raw), "raw": raw,
        "is_whole": True, "digest": hashlib.sha256(raw).hexdigest(),
        "state": "review" if fate == "review" else "decided", "campaign_id": campaign,
        "prospect_id": number, "sender": party["email"], "title": "Re: A matter of principle",
        "verdict": verdict, "attempts": 1})  # fmt: skip
    if fate == "review":
        yield (ReviewRow, {"reply_id": number, "campaign_id": campaign, "prospect_id": number,
            "reason": "asks", "blocks": False, "opened_at": at})  # fmt: skip
    else:
        yield (DecisionRow, _decision(campaign, number, party, fate, at))
    yield (JournalRow, {"campaign_id": campaign, "at": at, "actor": "rule:plain-consent",
        "action": "decided", "subject": f"reply:{number}", "detail": {}})  # fmt: skip


def _decision(
    campaign: int, number: int, party: dict[str, Any], fate: str, at: datetime
) -> dict[str, Any]:
    listing = {key: party[key] for key in ("kind", "name", "title", "country")}
    return {"campaign_id": campaign, "prospect_id": number, "reply_id": number, "act": fate,
        "listings": [listing] if fate == "sign" else [], "edition": 1, "received_at": at,
        "uid": number, "sender": party["email"], "decided_by": "rule:plain-consent",
        "reason": "plain-consent", "at": at}  # fmt: skip
