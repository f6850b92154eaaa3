"""Who asked not to be written to, and which mail that stops."""

import pytest

from undersigned.domain.delivery import Purpose
from undersigned.domain.suppression import Scope, about, stopping


@pytest.mark.parametrize(
    ("purpose", "stops"),
    [
        (Purpose.INVITATION, ["letter:3", "invitations", "all"]),
        (Purpose.REMINDER, ["letter:3", "invitations", "all"]),
        (Purpose.CONFIRMATION, ["letter:3", "invitations", "all"]),
        (Purpose.RENEWAL, ["all"]),
        (Purpose.CLARIFICATION, ["all"]),
        (Purpose.RECEIPT, []),
        (Purpose.LETTER, []),
        (Purpose.TEST, []),
        (Purpose.NOTICE, []),
        (Purpose.SIGN_IN, []),
    ],
)
def test_it_stops_what_asks_and_never_an_answer(purpose: Purpose, stops: list[str]) -> None:
    """Every purpose is in the table; receipts and letters always go."""
    assert stopping(purpose, 3) == stops


def test_only_this_letter_is_about_a_campaign() -> None:
    """A scope that holds for all letters names none."""
    assert [about(scope, 3) for scope in Scope] == ["letter:3", "invitations", "all"]
