"""The words beside a no that nothing explains.

"We cannot sign open letters" answers us; "journalists: I can't sign any before July" holds a no and
answers somebody else. What tells them apart is, as with a yes (`residue`), what is not known in the
clause: so a no counts as plain only where it is understood to the last word that weighs.
"""

from collections.abc import Iterable, Iterator

from undersigned.reading import language as languages
from undersigned.reading import residue
from undersigned.reading.clauses import clauses
from undersigned.reading.language import UNSPACED, Language
from undersigned.reading.phrases import PARTY_TOKEN, Found
from undersigned.reading.tokens import Sentence

_NOES = frozenset({"refusal", "no"})
#: The shortest no is one, and answers us: `answers` has looked at what stands beside it.
_BARE = "bare_no"


def left_over(sentence: Sentence, tongue: Language, kinds: set[str]) -> list[str] | None:
    """Give the unexplained words of a sentence that says no; None where it does not say no.

    An empty list: it is understood. `kinds` are the signs that were found in it.
    """
    if _BARE in kinds:
        return []
    if "refusal" not in kinds:
        return None
    if not tongue.excuses or tongue.code in UNSPACED:
        return []
    found = languages.phrases(tongue.code).find(sentence)
    return list(_heavy(sentence, found, tongue))


def _heavy(sentence: Sentence, found: Iterable[Found], tongue: Language) -> Iterator[str]:
    """Give the words of weight in the clauses that refuse; what a gap swallowed is among them."""
    noes = {place for one in found if one.kind in _NOES for place in range(one.start, one.end)}
    own = languages.spoken(tongue.code, "refusal")
    covered = residue.covered(sentence, tongue) - {
        place for place in noes if not own.match(sentence.tokens[place])
    }
    for clause in clauses(sentence, tongue):
        if noes.isdisjoint(clause):
            continue
        for place in clause:
            word = sentence.tokens[place]
            if place not in covered and _weighs(word, tongue):
                yield word


def _weighs(word: str, tongue: Language) -> bool:
    is_explained = word == PARTY_TOKEN or word in tongue.excuses or residue.is_light(word, tongue)
    return word in tongue.bounds or not is_explained
