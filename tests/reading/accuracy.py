"""Scores the reader on the reply corpus: `python tests/reading/accuracy.py`, or `make accuracy`."""

import json
import re
import sys
import time
import tomllib
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from tests.reading.peers import peers
from undersigned.domain.house_style import Countries
from undersigned.domain.listing import Kind
from undersigned.domain.party import Prospect
from undersigned.domain.verdict import Verdict
from undersigned.reading import Question, parse, read

ROOT = Path(__file__).parents[2]
CORPUS = ROOT / "tests" / "corpus" / "replies"
#: Replies that others wrote without a look at the rules; see the README there.
FRESH = ROOT / "tests" / "corpus" / "fresh"
#: The corpus stands these in for public mail providers; see its README.
STAND_INS = frozenset(
    f"{name}.example"
    for name in (
        "gmail", "yahoo", "yahoo-jp", "icloud", "hotmail", "proton", "naver", "daum", "qq", "163",
        "mail-ru", "yandex",
    )
)  # fmt: skip
AUTHSERV = frozenset({"mx.letters.example"})
ACTS = frozenset({"decline", "withdraw", "unsubscribe"})


@dataclass
class Score:
    """What came of one run."""

    replies: int = 0
    false_signatures: list[str] = field(default_factory=list)
    wrong_acts: list[str] = field(default_factory=list)
    intents: list[str] = field(default_factory=list)
    held: list[str] = field(default_factory=list)
    listings: list[str] = field(default_factory=list)
    words: list[str] = field(default_factory=list)
    could: int = 0
    listed: int = 0
    permanent: list[str] = field(default_factory=list)
    by_language: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))

    def line(self) -> str:
        """Give the figures on one line."""
        return (
            f"{self.replies} replies: {len(self.false_signatures)} false signatures, "
            f"{len(self.wrong_acts)} wrong acts, "
            f"intents {_share(len(self.intents), self.replies)}, "
            f"automatic {_share(len(self.held), self.could)}, "
            f"listings {_share(len(self.listings), self.listed)}, "
            f"own words {_share(len(self.words), self.replies)}"
        )


def _share(wrong: int, of: int) -> str:
    return f"{of - wrong}/{of} ({(of - wrong) / of:.1%})" if of else "none"


@cache
def countries() -> Countries:
    """Give the shipped countries."""
    return Countries.from_table(
        tomllib.loads((ROOT / "config" / "countries.toml").read_text("utf-8"))
    )


def prospect(invited: Mapping[str, Any]) -> Prospect:
    """Give the invited party of a row."""
    return Prospect(
        kind=Kind(invited["kind"]),
        name=invited["name"],
        title=invited.get("title"),
        country=invited.get("country"),
        email=invited["email"],
        contact=invited.get("contact") or None,
        language=invited.get("language"),
    )


def question(row: Mapping[str, Any], known: Countries) -> Question:
    """Give what the service knows when it reads the reply of a row."""
    return Question(
        prospect=prospect(row["invited"]),
        signed=row["state"] == "signed",
        countries=known,
        public_providers=STAND_INS,
        authserv_ids=AUTHSERV,
    )


def rows(folder: Path = CORPUS) -> list[dict[str, Any]]:
    """Give the labels."""
    lines = (folder / "cases.jsonl").read_text("utf-8").splitlines()
    return [json.loads(line) for line in lines if line.strip()]


def plain(text: str) -> str:
    """Give words as they are compared: white space collapsed."""
    return " ".join(unicodedata.normalize("NFC", text).split())


#: A closing, or a bare name at the end, is forgiven (the corpus's README).
_CLOSING = re.compile(
    r"(?:[,，.!！。]|^)?\s*(?:kind regards|best wishes|best|yours sincerely|cordialement|saludos cordiales|mit freundlichen gr\w+)\W*$",  # noqa: E501 - a pattern is read whole
    re.IGNORECASE,
)


def same_words(one: str, other: str) -> bool:
    """Say whether two pieces are one, but for a closing or a bare name at the end."""
    here, there = plain(one), plain(other)
    if here == there:
        return True
    longer, shorter = (one, other) if len(here) > len(there) else (other, one)
    if not plain(longer).startswith(plain(shorter)) or not plain(shorter):
        return False
    rest = plain(longer)[len(plain(shorter)) :].strip()
    return len(rest.split()) <= 4 and len(rest) <= 40 and not re.search(r"\d|@", rest)


def score(cases: Iterable[Mapping[str, Any]], found: Mapping[str, Verdict]) -> Score:
    """Compare verdicts with labels."""
    result = Score()
    for row in cases:
        _count(result, row, found[row["file"]])
    return result


def _listings(verdict: Verdict) -> list[tuple[str, str, str | None, str | None]]:
    return sorted(
        ((one.kind.value, one.name, one.title, one.country) for one in verdict.listings), key=str
    )


def _count(result: Score, row: Mapping[str, Any], verdict: Verdict) -> None:
    label = f"{row['file'].removeprefix('messages/').removesuffix('.eml')} {verdict.reason}"
    language = next(tag for tag in row["tags"] if tag.startswith("lang:"))[5:]
    tally = result.by_language[language]
    expected = sorted(
        ((one["kind"], one["name"], one["title"], one["country"]) for one in row["listings"]),
        key=str,
    )
    result.replies += 1
    tally["replies"] += 1
    right_intent = verdict.intent.value == row["intent"]
    right_listing = _listings(verdict) == expected
    acts = verdict.automatic and verdict.intent.value in {"sign", "amend"}
    if acts and (row["intent"] not in {"sign", "amend"} or not right_listing or not row["auto"]):
        result.false_signatures.append(f"{label}: {_listings(verdict)}")
    if verdict.automatic and verdict.intent.value in ACTS and not (right_intent and row["auto"]):
        result.wrong_acts.append(f"{label}: {verdict.intent}")
    if not right_intent:
        result.intents.append(f"{label}: {row['intent']} read as {verdict.intent}")
    else:
        tally["intents"] += 1
    if row["auto"]:
        result.could += 1
        tally["could"] += 1
        if verdict.automatic and right_intent:
            tally["automatic"] += 1
        else:
            result.held.append(f"{label}: {verdict.intent}")
        if expected:
            result.listed += 1
            if not (right_listing and right_intent):
                result.listings.append(f"{label}: {_listings(verdict)} for {expected}")
    if row["permanent"] != verdict.permanent:
        result.permanent.append(label)
    if same_words(row["new_text"], verdict.own_words):
        tally["words"] += 1
    else:
        result.words.append(f"{label}: {verdict.own_words!r} for {row['new_text']!r}")


def _compared(cases: Sequence[Mapping[str, Any]], messages: Mapping[str, bytes]) -> list[str]:
    """Give how many own words others cut exactly, from the text that our parser gives."""
    texts = {row["file"]: parse(messages[row["file"]]).text for row in cases}
    return [
        f"own words by {name}: "
        f"{sum(same_words(row['new_text'], cut(texts[row['file']])) for row in cases)}/{len(cases)}"
        for name, cut in peers().items()
    ]


def scored(folder: Path) -> Score:
    """Read the replies of a folder and compare."""
    cases = rows(folder)
    return score(cases, verdicts(cases, raws(cases, folder)))


def raws(cases: Iterable[Mapping[str, Any]], folder: Path = CORPUS) -> dict[str, bytes]:
    """Give the messages of the rows."""
    return {row["file"]: (folder / row["file"]).read_bytes() for row in cases}


def verdicts(
    cases: Iterable[Mapping[str, Any]], messages: Mapping[str, bytes]
) -> dict[str, Verdict]:
    """Read the messages of the rows."""
    known = countries()
    return {row["file"]: read(parse(messages[row["file"]]), question(row, known)) for row in cases}


def _misses(result: Score, titles: Iterable[str]) -> list[str]:
    out: list[str] = []
    for title in titles:
        if found := getattr(result, title):
            out += [f"{title} ({len(found)}):", *(f"  {one}" for one in found), ""]
    return out


#: What is listed of each run.
_TITLES = (
    "false_signatures", "wrong_acts", "intents", "held", "listings", "permanent", "words",
)  # fmt: skip


def main() -> int:
    """Read the corpora and print the figures and every miss."""
    cases = rows()
    messages = raws(cases)
    verdicts(cases, messages)  # the languages are built once a process
    start = time.process_time()
    found = verdicts(cases, messages)
    seconds = time.process_time() - start
    result = score(cases, found)
    out = [result.line(), f"{len(cases) / seconds:.0f} replies a second and core", ""]
    out += _misses(result, _TITLES)
    for language, tally in result.by_language.items():
        out.append(
            f"{language}: intents {tally['intents']}/{tally['replies']}, automatic "
            f"{tally['automatic']}/{tally['could']}, own words {tally['words']}/{tally['replies']}"
        )
    out += ["", *_compared(cases, messages), ""]
    wrong = bool(result.false_signatures or result.wrong_acts)
    for folder in sorted(FRESH.glob("*/")):
        fresh = scored(folder)
        wrong = wrong or bool(fresh.false_signatures or fresh.wrong_acts)
        out += [f"{folder.name}: {fresh.line()}", *_misses(fresh, _TITLES[:4])]
    sys.stdout.write("\n".join(out) + "\n")
    return int(wrong)


if __name__ == "__main__":
    raise SystemExit(main())
