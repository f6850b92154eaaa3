"""Residue: the words beside a yes that nothing explains.

"We signed a similar letter last year" holds a consent and is none; what tells it apart from
"We sign the letter gladly" is not what is known in it but what is not. So a yes counts as plain
only where its own clause is understood to the last word that weighs, and no clause beside it could
be a condition (`clauses`).
"""

import re
from collections.abc import Iterable, Iterator
from functools import cache

from undersigned.reading import language as languages
from undersigned.reading import tokens as texts
from undersigned.reading.clauses import clauses, is_address, is_aside
from undersigned.reading.language import UNSPACED, Language
from undersigned.reading.phrases import PARTY_TOKEN, Found
from undersigned.reading.tokens import Sentence

#: What makes a sentence one that consents.
_CONSENTS = frozenset({"consent", "not_no", "list_us"})
#: Phrases that mean nothing for an answer.
_CHAT = frozenset(
    {"harmless", "thanks", "support", "rhetorical", "as_invited", "explains", "other_party"}
)
#: What is known and explains no yes: "sign us up for the webinar", "we signed last year's".
_UNEXPLAINED = frozenset({"elsewhere", "past", "put_off"})
#: A bare yes may be followed by a name of so many words, and by nothing else.
_NAME = 2
#: "Please" and "thank you" are no excuse that fragments belong to.
_SHORT = 2
_COLONS = (":", "：")
_MARKS = frozenset(",;:()–—،؛、；：（），…")
#: The last word of a phrase that a listing follows, or the word after it.
_LEADS = frozenset({"as", "como", "comme", "als", "как", "sebagai"})


def of(sentence: Sentence, tongue: Language, kinds: set[str]) -> list[str] | None:
    """Give the unexplained words of a sentence that says yes; None where it does not say yes.

    An empty list: it is understood. `kinds` are the signs that were found in it.
    """
    if kinds & _CONSENTS:
        return _heavy(sentence, tongue)
    if "bare_yes" in kinds:
        rest = [
            word
            for run in _uncovered(sentence, tongue)
            for word in run
            if word not in tongue.joints
        ]
        is_name = len(rest) <= _NAME and all(_is_name(word, sentence, tongue) for word in rest)
        return [] if is_name else rest
    return None


def says_more(sentence: Sentence, tongue: Language) -> bool:
    """Say whether a sentence holds a word of weight that no phrase explains."""
    if tongue.code in UNSPACED:
        return bool(_unspaced_rest(sentence, tongue))
    known = covered(sentence, tongue)
    return any(
        place not in known and not is_light(word, tongue)
        for place, word in enumerate(sentence.tokens)
    )


def _is_name(word: str, sentence: Sentence, tongue: Language) -> bool:
    """Say whether a word may be one of a name: of no small weight, and with a capital if it can."""
    can = word.upper() != word.lower()
    return not is_light(word, tongue) and (
        not can or word.capitalize() in sentence.text or word.upper() in sentence.text
    )


def _heavy(sentence: Sentence, tongue: Language) -> list[str]:
    """Give what remains when the words of no weight and the asides are taken out."""
    if tongue.code in UNSPACED:
        return _unspaced_rest(sentence, tongue)
    found = languages.phrases(tongue.code).find(sentence)
    yes = {place for one in found if one.kind in _CONSENTS for place in range(one.start, one.end)}
    chat = {place for one in found if one.kind in _CHAT for place in range(one.start, one.end)}
    known = covered(sentence, tongue)
    if _is_decided(found, tongue):
        known |= {place for place, word in enumerate(sentence.tokens) if word in tongue.days}
    left_over: list[str] = []
    behind_aside = False
    for clause in clauses(sentence, tongue):
        says_yes = not yes.isdisjoint(clause)
        if not says_yes and clause.start == 0 and is_address(sentence, clause, tongue):
            continue
        # Behind an aside a fragment belongs to it: "sorry for the typing, broken wrist".
        loose = behind_aside and clause.start > min(yes)
        aside = not says_yes and is_aside(sentence, clause, tongue, chat, loose=loose)
        behind_aside = aside and (loose or len(clause) > _SHORT)
        if not aside:
            left_over += [
                sentence.tokens[place]
                for place in clause
                if place not in known and not is_light(sentence.tokens[place], tongue)
            ]
    return left_over


def _is_decided(found: Iterable[Found], tongue: Language) -> bool:
    """Say whether a consent was decided upon: the day in it is past, and puts nothing off."""
    return any(
        one.kind in _CONSENTS and any(word in one.words for word in tongue.decided) for one in found
    )


def _unspaced_rest(sentence: Sentence, tongue: Language) -> list[str]:
    """Give the pieces that remain; a condition stands before its yes, so only asides behind go.

    And what leads up to the yes: a clause that ends in "…해서" or "…ので" and is of nobody else.
    """
    found = languages.phrases(tongue.code).find(sentence)
    yes = {sentence.clauses[one.end - 1] for one in found if one.kind in _CONSENTS}
    last = max(yes, default=0)
    said = {one for one in sentence.clauses if one <= last or not _is_chat(sentence, one, tongue)}
    known = covered(sentence, tongue)
    typed = texts.clause_texts(sentence, languages.clause_ends(tongue.code))
    left: list[str] = []
    for clause in sorted(said):
        places = [place for place, here in enumerate(sentence.clauses) if here == clause]
        text = "".join(" " if one in known else sentence.tokens[one] for one in places)
        rest = _filler(tongue.code).sub(" ", text).split()
        starts_yes = any(
            sentence.clauses[one.start] == clause for one in found if one.kind in _CONSENTS
        )
        if not (clause < last and not starts_yes and _leads_up(typed[clause], text, tongue)):
            left += rest
    return left


def _leads_up(typed: str, text: str, tongue: Language) -> bool:
    """Say whether a clause before the yes says how it came to it, and nothing that weighs.

    `typed` is the clause, `text` what no phrase explains of it.
    """
    typed = typed.strip()
    joints = tuple(one.strip() for one in tongue.joints if one.strip())
    if not (typed.endswith(joints) or typed.startswith(tuple(tongue.openings))):
        return False
    weighty = (*tongue.risks, *tongue.heavy, *tongue.words["negation"])
    if any(word in text for word in weighty):
        return False
    about = tuple(tongue.subjects)
    return all(match[1].endswith(about) for match in _SUBJECTS[tongue.code].finditer(typed))


#: What a clause is about, where a particle shows it.
_NOBODY = re.compile(r"(?!)")
_SUBJECTS = {
    "ko": re.compile(r"([\uac00-\ud7af]+?)(?:께서는|께서|에서도|은|는|이|가|도)(?=\s|$)"),
    "ja": re.compile(
        r"([\u3005-\u3007\u30a0-\u30ff\u3400-\u9fffA-Za-z]+)(?:さん|氏|様|先生)?(?:は|が|も)(?!の)"
    ),
    "zh": _NOBODY,
    "th": _NOBODY,
}


def _is_chat(sentence: Sentence, clause: int, tongue: Language) -> bool:
    """Say whether a clause of an unspaced language touches no answer."""
    text = "".join(sentence.clause(clause))
    weighty = (*tongue.topics, *tongue.risks, *tongue.heavy, *tongue.words["negation"])
    return not any(word in text for word in weighty)


def is_light(word: str, tongue: Language) -> bool:
    """Say whether a word weighs nothing beside an answer."""
    word = word.removesuffix("'")
    if word in tongue.heavy or word in tongue.negations:
        return False
    return (
        word in tongue.stop_words or word in tongue.filler or word.startswith(tongue.filler_stems)
    )


@cache
def _filler(code: str) -> re.Pattern[str]:
    """Give the pieces of an unspaced language that weigh nothing, the longest first."""
    pieces = sorted(languages.language(code).filler, key=len, reverse=True)
    return re.compile("|".join(map(re.escape, pieces)))


def is_announced(sentence: Sentence, tongue: Language) -> bool:
    """Say whether words of weight follow a consent that announces a listing: "sign me as …"."""
    found = languages.phrases(tongue.code).find(sentence)
    known = {place for one in found for place in range(one.start, one.end)}
    for one in found:
        last = _last(sentence, one, found)
        if one.kind == "list_us" or (one.kind in _CONSENTS and last & _LEADS):
            if sentence.text.rstrip().endswith(_COLONS):
                return True  # and the listing stands on the lines below
            after = range(one.end, len(sentence.tokens))
            return any(
                place not in known and not is_light(sentence.tokens[place], tongue)
                for place in after
            )
    return False


def _is_over(one: Found, found: Iterable[Found]) -> bool:
    """Say whether what was is set against the yes: "in 2022 we did not sign, this time we do"."""
    later = [other for other in found if other.start >= one.end]
    noes = [other for other in later if other.kind in {"refusal", "negation"}]
    return one.kind == "past" and any(
        other.kind == "consent" and other.start > noes[0].start for other in later if noes
    )


def _last(sentence: Sentence, one: Found, found: Iterable[Found]) -> set[str]:
    """Give the last word of a phrase, and of a consent the next, unless that begins a remark."""
    is_open = one.kind in _CONSENTS and not any(
        other.start == one.end and other.kind == "harmless" for other in found
    )
    return {*sentence.tokens[one.end - 1 : one.end + is_open]}


def _uncovered(sentence: Sentence, tongue: Language) -> Iterator[list[str]]:
    """Give the runs of tokens that no phrase of the language, nor of English, covers."""
    known = covered(sentence, tongue)
    run: list[str] = []
    for place, token in enumerate(sentence.tokens):
        if place in known:
            if run:
                yield run
            run = []
        else:
            run.append(token)
    if run:
        yield run


def covered(sentence: Sentence, tongue: Language) -> set[int]:
    """Give the places of what a phrase explains, the party's name and marks among it.

    What follows "please list us as" is a listing, and `listings` weighs it.
    """
    known = {
        place
        for place, token in enumerate(sentence.tokens)
        if token == PARTY_TOKEN or token in _MARKS
    }
    for code in {tongue.code, "en"}:
        found = languages.phrases(code).find(sentence)
        for one in found:
            if one.kind in _UNEXPLAINED and not _is_over(one, found):
                continue
            last = _last(sentence, one, found)
            is_lead = one.kind == "list_us" or last & _LEADS
            span = range(one.start, len(sentence.tokens) if is_lead else one.end)
            if one.kind in _CONSENTS and not is_lead and code not in UNSPACED:
                # What its gap swallowed is not its own: "we wish to … withdraw … our signature".
                own = languages.spoken(code, one.kind)
                known.update(place for place in span if own.match(sentence.tokens[place]))
            else:
                known.update(span)
    return known
