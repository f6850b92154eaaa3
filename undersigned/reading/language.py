"""The languages that replies are read in; what is said in them is data, one file a language."""

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

from undersigned.reading import tokens as texts
from undersigned.reading.phrases import Phrases

#: The languages we read, in the order of the people who use them here.
CODES = ("en", "ko", "ja", "es", "fr", "zh", "pt", "de", "ar", "ru", "id", "th")

#: Written without spaces between words, or with spaces as a matter of taste: one token a character.
UNSPACED = frozenset({"ko", "ja", "zh", "th"})

#: The kinds of phrases in a language file. Where two phrases of one length overlap, the earlier
#: kind wins. What each means stands at the head of languages/en.toml.
KINDS = (
    "harmless", "rest", "habit", "asked", "as_invited", "not_no", "unsubscribe", "off_list",
    "withdrawal", "refusal", "busy", "put_off", "perhaps", "undecided", "condition",
    "soft_condition", "loose_condition", "hedge", "sarcasm", "anonymous", "other_party", "courtesy",
    "question_words", "asking", "consent", "amendment", "list_us", "drop_title", "drop_country",
    "drop_acronym", "support", "away", "machine", "received", "explains", "renamed", "both",
    "yes", "no", "ambiguous", "weak_yes", "spam", "thanks", "adversative", "negation",
    "rhetorical", "automated", "elsewhere", "criticism", "past", "tag",
    "entry_word",
)  # fmt: skip

_WORD = re.compile(r"[^\s()|…]+")
_GROUP = re.compile(r"<([a-z_]+)>")


@dataclass(frozen=True, kw_only=True)
class Language:
    """What one language file says."""

    code: str
    stop_words: frozenset[str]
    #: Words of no weight beside a consent: articles, pronouns, particles, "the letter", "our name".
    #: Where no spaces stand between words, pieces of text; each is taken out wherever it stands.
    filler: frozenset[str]
    #: Beginnings of such words, where a language bends them.
    filler_stems: tuple[str, ...]
    #: Words that weigh although they are among the stop words.
    heavy: frozenset[str]
    negations: frozenset[str]
    #: Words of no weight beside a no: what people refuse, and why. None: every no counts.
    excuses: frozenset[str]
    #: Words that make a no one for a while ("before"), or for some: no excuse.
    bounds: frozenset[str]
    #: Words by which people say that something about them has changed: "now", "no longer".
    changes: frozenset[str]
    #: Words for no that also stand before a noun, and then answer nothing: "no signal".
    determiners: frozenset[str]
    #: How people answer, in the next sentence, the question that they just asked.
    self_answers: tuple[str, ...]
    #: What stands before a name when somebody is spoken to: "Ms.", "Professor".
    titles: frozenset[str]
    #: Days of the week: beside a decision they say when it was taken.
    days: frozenset[str]
    #: How a question ends where people leave the question mark out.
    question_endings: tuple[str, ...]
    #: Words in a consent that end what stood undecided before it.
    decided: tuple[str, ...]
    #: Words in a consent that is but a wish.
    wishes: tuple[str, ...]
    #: How a request begins that only looks like a question.
    courtesy_openings: tuple[str, ...]
    #: Words that join two clauses where a subject follows ("and I"), and the first words of clauses
    #: that say something of their own. Where words are not set apart: how a clause ends that leads
    #: up to another, and what it may be about.
    joints: frozenset[str]
    subjects: frozenset[str]
    #: First words of who writes: "I", "our".
    speakers: frozenset[str]
    #: Words that begin a condition without an "if": "should China leave".
    inverted: frozenset[str]
    #: Words for "but".
    contrasts: frozenset[str]
    openings: frozenset[str]
    #: Beginnings of words that an answer may hang on ("lawyer"): no clause with one is chit-chat.
    risks: tuple[str, ...]
    #: Beginnings of words that speak of the letter, the list, or signing.
    topics: tuple[str, ...]
    #: Beginnings of words for what may come off an entry while the name stays.
    parts: tuple[str, ...]
    #: Beginnings of words in a yes that no other invitation has: nobody signs a webinar.
    letter: tuple[str, ...]
    #: Beginnings of words that speak of signing itself: a sentence that nothing else explains leans
    #: to a yes with them, and to a no where it denies.
    signing: tuple[str, ...]
    #: Form labels by field: name, title, country, organization, individual, entry, answer.
    labels: Mapping[str, tuple[str, ...]]
    #: What stands for "none" in a form.
    nothing: frozenset[str]
    #: Patterns around a listing spelt out in running text, by what they give.
    inline: Mapping[str, tuple[str, ...]]
    #: Every single word of its consents: short replies are told apart by them.
    keywords: frozenset[str]
    words: Mapping[str, tuple[str, ...]]
    #: Every word that its phrases spell out.
    vocabulary: frozenset[str]
    #: Words as they are typed in haste, and in full.
    shorthand: Mapping[str, tuple[str, ...]]
    #: Other forms of a character, and the one that the phrases are written with.
    variants: Mapping[int, str]


@cache
def language(code: str) -> Language:
    """Give one language, built once."""
    data = table(f"{code}.toml")
    groups = data.get("groups", {})
    words: dict[str, tuple[str, ...]] = {
        kind: tuple(_spelt_out(one, groups) for one in data["phrases"].get(kind, ()))
        for kind in KINDS
    }
    return Language(
        code=code,
        stop_words=frozenset(texts.plain(word) for word in data["stop_words"]),
        filler=frozenset(texts.plain(word) for word in data["filler"] if word[-1] != "*"),
        filler_stems=tuple(texts.plain(word[:-1]) for word in data["filler"] if word[-1] == "*"),
        heavy=frozenset(texts.plain(word) for word in data.get("heavy", ())),
        negations=_first_tokens(words["negation"]),
        excuses=frozenset(texts.plain(word) for word in data.get("excuses", ())),
        bounds=frozenset(texts.plain(word) for word in data.get("bounds", ())),
        changes=frozenset(texts.plain(word) for word in data.get("changes", ())),
        determiners=frozenset(data.get("determiners", ())),
        question_endings=tuple(
            texts.plain(one) for one in data["phrases"].get("question_endings", ())
        ),
        self_answers=tuple(texts.plain(one) for one in data.get("self_answers", ())),
        titles=frozenset(texts.plain(one) for one in data.get("titles", ())),
        days=frozenset(data.get("days", ())),
        decided=tuple(texts.plain(one) for one in data["phrases"].get("decided", ())),
        wishes=tuple(data.get("wishes", ())),
        courtesy_openings=tuple(
            texts.plain(one) for one in data["phrases"].get("courtesy_openings", ())
        ),
        joints=frozenset(texts.plain(word) for word in data.get("joints", ())),
        contrasts=frozenset(texts.plain(one) for one in words["adversative"] if " " not in one),
        subjects=_beginnings(code, data.get("subjects", ())),
        inverted=frozenset(data.get("inverted", ())),
        speakers=_beginnings(code, data.get("speakers", ())),
        openings=_beginnings(code, data.get("openings", ())),
        risks=tuple(texts.plain(word) for word in data.get("risks", ())),
        topics=tuple(texts.plain(word) for word in data["topics"]),
        parts=tuple(texts.plain(word) for word in data["parts"]),
        letter=tuple(texts.plain(word) for word in data["letter"]),
        signing=tuple(texts.plain(word) for word in data["signing"]),
        labels={key: tuple(value) for key, value in data["labels"].items() if key != "nothing"},
        nothing=frozenset(texts.plain(word) for word in data["labels"]["nothing"]),
        inline={key: tuple(value) for key, value in data.get("inline", {}).items()},
        keywords=frozenset(
            texts.plain(word)
            for kind in ("yes", "no", "withdrawal", "unsubscribe")
            for word in words[kind]
        ),
        words=words,
        vocabulary=frozenset(
            word.removesuffix("*")
            for kind in words
            for phrase in words[kind]
            for word in _WORD.findall(texts.plain(phrase))
        ),
        shorthand={
            word: texts.tokens(texts.plain(full))[0]
            for word, full in data.get("shorthand", {}).items()
        },
        variants={
            ord(other): group[0]
            for group in data.get("variants", {}).get("characters", ())
            for other in group[1:]
            if other != group[0]
        },
    )


def _first_tokens(words: Iterable[str]) -> frozenset[str]:
    """Give the first token of every word: "i've" is two in a sentence."""
    return frozenset(token for word in words for token in texts.tokens(texts.plain(word))[0][:1])


def _beginnings(code: str, words: Iterable[str]) -> frozenset[str]:
    """Give words as they are met at the beginning of a clause: whole where no spaces part them."""
    return frozenset(map(texts.plain, words)) if code in UNSPACED else _first_tokens(words)


@cache
def clause_ends(code: str) -> re.Pattern[str]:
    """Give what ends a clause of a language whose words are not set apart; nothing elsewhere."""
    joints = sorted(language(code).joints, key=len, reverse=True) if code in UNSPACED else []
    # Korean and Thai set their clauses apart by a space at least; a short ending is one of many.
    if code == "ja":
        joints = [one for one in joints if len(one) > 2]  # noqa: PLR2004 - "て" stands in any verb
    behind = r"(?=\s)" if code == "ko" else ""
    return re.compile(rf"(?:{'|'.join(map(re.escape, joints))}){behind}" if joints else r"(?!)")


#: Written without spaces between words, or with spaces as a matter of taste.
UNSPACED = frozenset({"ko", "ja", "zh", "th"})


@cache
def spoken(code: str, kind: str) -> re.Pattern[str]:
    """Give what matches the words that the phrases of one kind spell out, and no other."""
    found: set[str] = set()
    for phrase in language(code).words[kind]:
        for word in _WORD.findall(texts.plain(phrase)):
            token = texts.tokens(word.removesuffix("*"))[0]
            found.update(map(re.escape, token[:-1]))
            found.update(re.escape(last) + r"\w*" * word.endswith("*") for last in token[-1:])
    return re.compile(rf"(?:{'|'.join(sorted(found))})\Z")


def _spelt_out(phrase: str, groups: Mapping[str, str]) -> str:
    """Give a phrase with each `<group>` replaced by the words that the language file groups so.

    >>> _spelt_out("we <cannot> sign", {"cannot": "can't|cannot"})
    "we (can't|cannot) sign"
    """
    return _GROUP.sub(lambda match: f"({_spelt_out(groups[match[1]], groups)})", phrase)


@cache
def phrases(code: str) -> Phrases:
    """Give the phrases of one language, built once, when a text first needs them."""
    tongue = language(code)
    return Phrases({kind: tongue.words[kind] for kind in KINDS}, tongue.negations)


def table(name: str) -> dict[str, Any]:
    """Give one file of languages/ as it stands."""
    source = resources.files("undersigned.reading") / "languages" / name
    return tomllib.loads(source.read_text("utf-8"))


@cache
def whose() -> Mapping[str, tuple[str, ...]]:
    """Give the languages of every small word."""
    found: dict[str, list[str]] = {}
    for code in CODES:
        for word in language(code).stop_words:
            found.setdefault(word, []).append(code)
    return {word: tuple(codes) for word, codes in found.items()}


def is_small_word(word: str) -> bool:
    """Say whether a word is one that no text of a language does without: an article, a verb."""
    return texts.plain(word) in whose()


@cache
def _roles() -> re.Pattern[str]:
    stems = (texts.plain(stem) for code in CODES for stem in table(f"{code}.toml")["roles"])
    return re.compile(rf"\b(?:{'|'.join(map(re.escape, stems))})")


def names_a_role(text: str) -> bool:
    """Say whether a text has a word for an office, a profession or a rank, in any language."""
    return _roles().search(texts.plain(text)) is not None


#: What stands behind the label of a form.
LABEL_ENDS = (":", "：", "=", " – ", " — ", " - ")


@cache
def form_labels(*kinds: str) -> re.Pattern[str]:
    """Give the pattern of a form's label at the beginning of a line, in any language."""
    found: set[str] = set()
    for code in CODES:
        for kind, labels in language(code).labels.items():
            if not kinds or kind in kinds:
                found.update(labels)
    either = "|".join(re.escape(label) for label in sorted(found, key=len, reverse=True))
    return re.compile(
        rf"\s*(?:[-*•·>]\s*|\d{{1,2}}[.)]\s*)?[*_]{{0,2}}(?:{either})[*_]{{0,2}}"
        rf"(?:\s*[(（][^)）\n]{{0,60}}[)）])?[*_]{{0,2}}(?:\s*[:：=]|\s[-–—](?=\s))[*_]{{0,2}}",
        re.IGNORECASE,
    )
