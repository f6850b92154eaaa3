"""The rules, in order: the first whose condition holds decides. One line a rule.

A reply is a decision only where its words leave nothing to ask; every doubt is a rule above the
decision that it would stop.
"""

from collections.abc import Callable
from dataclasses import dataclass

from undersigned.domain.verdict import Intent
from undersigned.reading.automatic import Mark
from undersigned.reading.facts import Facts


@dataclass(frozen=True, kw_only=True)
class Rule:
    """One rule: what it is called, what it says, and when."""

    reason: str
    intent: Intent
    #: May a machine act on it, if sender and listing allow?
    automatic: bool
    holds: Callable[[Facts], bool]


def _rule(
    reason: str, intent: Intent, holds: Callable[[Facts], bool], *, automatic: bool = True
) -> Rule:
    return Rule(reason=reason, intent=intent, automatic=automatic, holds=holds)


RULES: tuple[Rule, ...] = (
    # A machine wrote it, or it says nothing.
    _rule(
        "automatic-mail",
        Intent.AUTO_REPLY,
        lambda f: f.mark is Mark.CERTAIN and not (f.decides and not f.sounds_automatic),
    ),
    _rule(
        "automatic-mail",
        Intent.AUTO_REPLY,
        lambda f: f.mark is Mark.MARKED and not (f.decides and not f.sounds_automatic),
    ),
    _rule("nothing-new", Intent.OTHER, lambda f: f.empty, automatic=False),
    # Words that no machine may weigh.
    _rule(
        "unknown-language",
        Intent.OTHER,
        lambda f: f.signs.language is None and not f.decides,
        automatic=False,
    ),
    _rule("sarcasm", Intent.OTHER, lambda f: f.has("sarcasm") and f.says_yes, automatic=False),
    _rule(
        "spam",
        Intent.OTHER,
        lambda f: (
            f.has("spam")
            and not f.has("consent", "not_no", "refusal", "withdrawal", "unsubscribe", "list_us")
        ),
        automatic=False,
    ),
    # Do not write to us.
    _rule(
        "unsubscribe-and-consent",
        Intent.QUESTION,
        lambda f: f.has("unsubscribe", "off_list") and f.says_yes,
        automatic=False,
    ),
    _rule(
        "wants-off-the-list",
        Intent.WITHDRAW,
        lambda f: f.has("unsubscribe") and f.wants_off and not f.asks,
    ),
    _rule(
        "unsubscribe",
        Intent.UNSUBSCRIBE,
        lambda f: f.has("unsubscribe") or (f.has("off_list") and not f.signed),
    ),
    # Not in print, not like this, not yet: a person.
    _rule(
        "wants-no-name",
        Intent.QUESTION,
        lambda f: f.has("anonymous") and not f.says_no,
        automatic=False,
    ),
    _rule(
        "withdrawal-with-a-question",
        Intent.QUESTION,
        lambda f: f.wants_off and (f.asks or f.has("condition")),
        automatic=False,
    ),
    _rule(
        "takes-off-a-part",
        Intent.AMEND,
        lambda f: (
            f.signed
            and (f.has("part_off") or (f.wants_off and (f.gives_listing or f.drops_a_part)))
        ),
        automatic=False,
    ),
    _rule("withdrawal", Intent.WITHDRAW, lambda f: f.wants_off),
    _rule(
        "withdrawal-without-signature",
        Intent.DECLINE,
        lambda f: f.has("withdrawal") and not f.says_yes,
        automatic=False,
    ),
    _rule(
        "withdrawal-and-consent", Intent.QUESTION, lambda f: f.has("withdrawal"), automatic=False
    ),
    _rule(
        "decline-with-a-question",
        Intent.QUESTION,
        lambda f: f.says_no and not f.says_yes and (f.asks or f.wants_another),
        automatic=False,
    ),
    _rule("contradiction", Intent.QUESTION, lambda f: f.says_yes and f.says_no, automatic=False),
    _rule(
        "decline-after-signing", Intent.WITHDRAW, lambda f: f.signed and f.says_no, automatic=False
    ),
    _rule(
        "signs-under-another-name",
        Intent.SIGN,
        lambda f: f.says_no and f.gives_listing,
        automatic=False,
    ),
    _rule(
        "machine-says-so",
        Intent.AUTO_REPLY,
        lambda f: f.has("automated") and not f.has("consent", "not_no", "refusal"),
    ),
    # A no that was not understood to its end is none yet.
    _rule(
        "no-not-final",
        Intent.LATER,
        lambda f: f.has("unexplained_no") and f.has("undecided"),
    ),
    _rule(
        "no-from-afar",
        Intent.AUTO_REPLY,
        lambda f: f.has("unexplained_no") and f.sounds_automatic,
        automatic=False,
    ),
    _rule(
        "unexplained-no",
        Intent.DECLINE,
        lambda f: f.has("unexplained_no"),
        automatic=False,
    ),
    # A no to something else: "our board agreed, the entry is right; we cannot come to the dinner".
    _rule(
        "no-beside-a-listing",
        Intent.QUESTION,
        lambda f: f.says_no and f.has("as_invited") and f.has("courtesy", "leans_yes", "amendment"),
        automatic=False,
    ),
    _rule("decline", Intent.DECLINE, lambda f: f.says_no),
    _rule(
        "vacation",
        Intent.AUTO_REPLY,
        lambda f: (
            f.sounds_automatic
            and not f.decides
            and not f.has("leans_no")
            and (not f.has("undecided", "question") or f.has("automated"))
        ),
    ),
    _rule(
        "conditional-consent",
        Intent.QUESTION,
        lambda f: (
            f.has("condition")
            and (
                f.says_yes
                or f.has("support", "asking", "question", "hedge", "courtesy", "unclear_yes")
            )
        ),
        automatic=False,
    ),
    _rule("asks", Intent.QUESTION, lambda f: f.asks or f.has("criticism"), automatic=False),
    _rule("likely-not-certain", Intent.LATER, lambda f: f.has("hedge") and f.has("undecided")),
    _rule(
        "yes-not-yet", Intent.LATER, lambda f: f.has("undecided") and f.says_yes, automatic=False
    ),
    _rule("undecided", Intent.LATER, lambda f: f.has("undecided")),
    _rule(
        "hedged-consent", Intent.QUESTION, lambda f: f.has("hedge") and f.says_yes, automatic=False
    ),
    # Plain words.
    _rule("listing-changed", Intent.AMEND, lambda f: f.signed and f.listing.is_given),
    _rule(
        "yes-to-something-else",
        Intent.OTHER,
        lambda f: f.has("elsewhere") and (f.says_yes or f.has("unclear_yes", "weak_yes")),
        automatic=False,
    ),
    _rule(
        "foreign-sentence",
        Intent.SIGN,
        lambda f: f.says_yes and f.signs.has_foreign,
        automatic=False,
    ),
    _rule(
        "unexplained-but",
        Intent.SIGN,
        lambda f: f.says_yes and f.has("unexplained_but"),
        automatic=False,
    ),
    _rule(
        "unexplained-not",
        Intent.SIGN,
        lambda f: f.says_yes and f.has("unexplained_not", "negated_consent", "unclear_no"),
        automatic=False,
    ),
    _rule(
        "unexplained-words",
        Intent.SIGN,
        lambda f: f.says_yes and f.has("unexplained_words"),
        automatic=False,
    ),
    _rule(
        "yes-to-something",
        Intent.SIGN,
        lambda f: f.has("unclear_yes") and not f.has("consent", "not_no") and not f.names_listing,
        automatic=False,
    ),
    _rule(
        "no-without-yes",
        Intent.QUESTION,
        lambda f: f.says_yes and f.has("away", "machine") and not f.has("consent", "not_no"),
        automatic=False,
    ),
    _rule("plain-consent", Intent.SIGN, lambda f: f.says_yes),
    _rule(
        "wants-changes",
        Intent.QUESTION,
        lambda f: f.has("condition") and f.has("amendment"),
        automatic=False,
    ),
    _rule("ambiguous-politeness", Intent.OTHER, lambda f: f.has("ambiguous"), automatic=False),
    _rule(
        "weak-yes",
        Intent.SIGN,
        lambda f: f.has("weak_yes") and not f.has("received") and not f.signed,
        automatic=False,
    ),
    _rule("listing-without-yes", Intent.SIGN, lambda f: f.listing.is_given, automatic=False),
    _rule(
        "implied-consent",
        Intent.SIGN,
        lambda f: f.has("support", "as_invited") and not f.signed and not f.has("received"),
        automatic=False,
    ),
    _rule(
        "leans-to-no",
        Intent.DECLINE,
        lambda f: f.has("leans_no") and not f.signed and not f.has("leans_yes", "condition"),
        automatic=False,
    ),
    _rule(
        "leans-to-yes",
        Intent.SIGN,
        lambda f: f.has("leans_yes") and not f.signed and not f.has("received", "condition"),
        automatic=False,
    ),
    _rule("condition-alone", Intent.QUESTION, lambda f: f.has("condition"), automatic=False),
    _rule(
        "listing-unclear",
        Intent.AMEND,
        lambda f: f.signed and f.has("wants_change"),
        automatic=False,
    ),
    _rule(
        "received-is-not-yes", Intent.OTHER, lambda f: f.has("received", "thanks"), automatic=False
    ),
    _rule("unclear", Intent.OTHER, lambda f: True, automatic=False),  # noqa: ARG005 - every rule takes the facts
)


def decide(facts: Facts) -> Rule:
    """Give the first rule that holds."""
    return next(rule for rule in RULES if rule.holds(facts))
