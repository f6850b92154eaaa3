"""Unfold: kept replies as messages, with the key records that they name."""

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from undersigned import marks, reading
from undersigned.service import Service
from undersigned.store import replies
from undersigned.store.tables import ReplyRow

#: Octets of the replies that are unfolded together: they stand in memory side by side.
TOGETHER_OCTETS = 4_000_000


@dataclass(frozen=True, kw_only=True)
class Unfolded:
    """One kept reply, taken apart and not read yet."""

    id: int
    account: str
    #: SHA-256 of its bytes.
    digest: str
    received_at: datetime
    incoming: reading.Incoming
    clues: reading.Clues
    #: What it reports, where it is a delivery report.
    report: reading.BounceReport | None
    #: The DKIM key records that it names, by their DNS names.
    keys: Mapping[str, bytes]

    @property
    def tokens(self) -> tuple[str, ...]:
        """Every token that may be one of ours."""
        reported = self.report.tokens if self.report else ()
        return (*self.clues.tokens, *self.clues.quoted_tokens, *self.clues.own_ids, *reported)

    @property
    def message_ids(self) -> tuple[str, ...]:
        """Every Message-ID that may be one of ours, its own among them."""
        reported = self.report.message_ids if self.report else ()
        own = self.incoming.message_id
        return (*self.clues.message_ids, *reported, *([own] if own else ()))


def unfold(service: Service, reply_ids: Sequence[int]) -> list[Unfolded]:
    """Take the first replies apart, as many as fit into memory together.

    The key records they name are fetched before anything is read from them, and stored beside
    them: keys rotate, and reading must be repeatable.
    """
    with service.store.reading() as session:
        rows = replies.all_whole(session, reply_ids, octets=TOGETHER_OCTETS)
    parsed = [(row, reading.parse(row.raw)) for row in rows]
    keys = {row.id: _stored(row.keys) for row, _ in parsed}
    asked = {
        row.id: names
        for row, incoming in parsed
        if row.keys is None and (names := reading.key_names(incoming))
    }
    if asked:
        keys |= _fetch(service, asked)
    found = [_unfolded(row, incoming, keys[row.id]) for row, incoming in parsed]
    for _ in found:
        marks.passed("read.parsed")
    return found


def _stored(keys: Mapping[str, str] | None) -> dict[str, bytes]:
    return {name: base64.b64decode(value) for name, value in (keys or {}).items()}


def _fetch(service: Service, asked: Mapping[int, Sequence[str]]) -> dict[int, dict[str, bytes]]:
    """Fetch the records that replies name, and store them beside each."""
    names = tuple(dict.fromkeys(name for each in asked.values() for name in each))
    known = service.find_keys(names)
    found = {
        reply_id: {name: known[name] for name in each if name in known}
        for reply_id, each in asked.items()
    }
    with service.store.writing() as session:
        for reply_id, row in replies.lock_all(session, list(asked)).items():
            row.keys = {
                name: base64.b64encode(value).decode("ascii")
                for name, value in found[reply_id].items()
            }
    return found


def _unfolded(row: ReplyRow, incoming: reading.Incoming, keys: Mapping[str, bytes]) -> Unfolded:
    return Unfolded(
        id=row.id,
        account=row.account,
        digest=row.digest,
        received_at=row.received_at,
        incoming=incoming,
        clues=reading.clues(incoming),
        report=reading.bounce_report(incoming),
        keys=keys,
    )
