"""Replies as people may write them, in every language, and what must come of each."""

import tomllib
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest

from tests.reading.accuracy import countries
from undersigned.domain.listing import Kind
from undersigned.domain.party import Prospect
from undersigned.domain.verdict import Verdict
from undersigned.reading import Question, parse, read

TABLES = Path(__file__).parent / "replies"
KNOWN = countries()


def verdict(text: str, language: str, *, signed: bool = False, **invited: Any) -> Verdict:
    """Read a plain reply of the invited party."""
    email = EmailMessage()
    email["From"] = "Rik Terpstra <rik@openarchive.example>"
    email["To"] = "sign+token@letters.example"
    email["Subject"] = "Re: Invitation to sign: joint open letter on North Korea"
    email["Message-ID"] = "<1@openarchive.example>"
    email.set_content(text)
    party = {
        "kind": Kind.ORGANIZATION,
        "name": "Open Archive Collective (OAC)",
        "title": None,
        "country": "Netherlands",
        "contact": None,
        **invited,
    }
    prospect = Prospect(email="rik@openarchive.example", language=language, **party)
    question = Question(
        prospect=prospect, signed=signed, countries=KNOWN, public_providers=frozenset()
    )
    return read(parse(email.as_bytes()), question)


def replies() -> Iterator[tuple[str, str, bool, str]]:
    """Give every reply of the tables: language, what must come of it, on the list, words."""
    for path in sorted(TABLES.glob("*.toml")):
        table = tomllib.loads(path.read_text("utf-8"))
        signed = table.pop("signed", {})
        for expected, texts in table.items():
            yield from ((path.stem.partition("-")[0], expected, False, text) for text in texts)
        for expected, texts in signed.items():
            yield from ((path.stem.partition("-")[0], expected, True, text) for text in texts)


@pytest.mark.parametrize(("language", "expected", "signed", "text"), list(replies()))
def test_it_understands_what_people_write(
    language: str, expected: str, text: str, *, signed: bool
) -> None:
    """A plain answer is acted on, and a doubtful one waits for a person, in every language."""
    found = verdict(text, language, signed=signed)

    outcome = (found.intent.value, found.automatic, found.reason)
    if expected == "unclear":
        assert not found.automatic or found.intent.value in {"later", "auto_reply"}, outcome
    elif expected == "question":
        assert outcome[:2] == ("question", False), outcome
    else:
        assert outcome[:2] == (expected, True), outcome
