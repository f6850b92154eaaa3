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
from undersigned.reading.language import CODES

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
        language = path.stem.partition("-")[0]
        table = tomllib.loads(path.read_text("utf-8"))
        signed = table.pop("signed", {})
        for expected, texts in table.items():
            yield from ((language, expected, False, text) for text in texts)
        for expected, texts in signed.items():
            yield from ((language, expected, True, text) for text in texts)


def is_right(found: Verdict, expected: str) -> bool:
    """Say whether the verdict is what must come of a reply."""
    if expected == "unclear":
        return not found.automatic or found.intent.value in {"later", "auto_reply"}
    return (found.intent.value, found.automatic) == (expected, expected != "question")


@pytest.mark.parametrize("language", CODES)
def test_it_understands_what_people_write(language: str) -> None:
    """A plain answer is acted on, and a doubtful one waits for a person, in every language."""
    missed = [
        f"{expected}: {text!r} read as {found.intent}, {found.automatic}, {found.reason}"
        for code, expected, signed, text in replies()
        if code == language
        and not is_right(found := verdict(text, language, signed=signed), expected)
    ]

    assert missed == []
