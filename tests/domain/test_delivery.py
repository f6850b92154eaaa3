"""What the answer of a mail server leads to."""

import pytest

from undersigned.domain.delivery import (
    GREATEST_AGE,
    LETTER_RETRIES,
    RETRIES,
    SWEEPERS,
    TRANSITIONS,
    Answer,
    Outcome,
    Phase,
    Purpose,
    State,
    asks_for_rest,
    is_allowed,
    outcome,
    wait_after,
)


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (Answer(phase=Phase.BODY, code=250), Outcome.ACCEPTED),
        (Answer(phase=Phase.BODY, code=451), Outcome.LATER),
        (Answer(phase=Phase.BODY, code=554), Outcome.REFUSED),
        (Answer(phase=Phase.BODY), Outcome.LOST),  # the server may have it (RFC 1047)
        (Answer(phase=Phase.DATA), Outcome.LATER),  # nothing of the message was said yet
        (Answer(phase=Phase.RCPT, code=450), Outcome.LATER),
        (Answer(phase=Phase.RCPT, code=550, enhanced="5.1.1"), Outcome.REFUSED),
        (Answer(phase=Phase.RCPT, code=552, enhanced="5.2.2"), Outcome.LATER),  # full for now
        (Answer(phase=Phase.CONNECT), Outcome.LATER),
        (Answer(phase=Phase.AUTH, code=535, enhanced="5.7.8"), Outcome.LATER),  # a person mends it
        (
            Answer(phase=Phase.DATA, code=550, text="5.4.5 Daily user sending limit exceeded"),
            Outcome.LATER,
        ),
        (Answer(phase=Phase.MAIL, code=421, text="4.7.0 Closing"), Outcome.LATER),
        (Answer(phase=Phase.EHLO, code=220), Outcome.LATER),  # good news, but nothing was sent
    ],
)
def test_it_tells_later_from_never(answer: Answer, expected: Outcome) -> None:
    """4xx waits, 5xx ends, a loss inside DATA is neither.

    T39: Cockatrice/Cockatrice#7240, greylisting taken for a refusal.
    """
    assert outcome(answer) is expected


@pytest.mark.parametrize(
    ("code", "text", "expected"),
    [
        (421, "4.7.0 Try again later, closing connection", True),
        (432, "4.7.12 A password transition is needed", True),
        (454, "4.7.0 Temporary authentication failure", True),
        (450, "4.2.1 The user is receiving mail too quickly, sending rate limit exceeded", True),
        (451, "4.7.500 Server busy. Please try again later", True),
        (452, "4.5.3 Too many messages in this session", True),
        (550, "5.7.1 Hourly message limit of 100 exceeded", True),
        (550, "5.4.5 Daily user sending limit exceeded", True),
        (450, "4.7.1 Greylisted, see example.org", False),  # one recipient's server
        (452, "4.2.2 The recipient is over quota", False),  # one recipient's mailbox
        (552, "5.2.3 Message size exceeds the limit", False),
        (550, "5.1.1 No such user", False),
        (250, "2.0.0 Queued", False),
        (None, "Connection lost", False),
    ],
)
def test_it_knows_a_server_that_asks_for_less(
    code: int | None, text: str, *, expected: bool
) -> None:
    """A provider's limit rests the account before it is locked; one recipient's trouble does not.

    T43: WPManageNinja/fluent-smtp#214.
    """
    assert asks_for_rest(Answer(phase=Phase.RCPT, code=code, text=text)) is expected


def test_it_waits_longer_each_time_and_then_gives_up() -> None:
    """A table says when the next attempt comes, and when there is none."""
    waits = [wait_after(attempts, Purpose.INVITATION) for attempts in range(1, len(RETRIES) + 1)]

    assert waits == sorted(waits)  # type: ignore[type-var] # none of them is None
    assert wait_after(len(RETRIES) + 1, Purpose.INVITATION) is None
    assert wait_after(len(LETTER_RETRIES), Purpose.LETTER) is not None
    assert wait_after(len(LETTER_RETRIES) + 1, Purpose.LETTER) is None


def test_it_never_lets_an_uncertain_letter_be_claimed() -> None:
    """No machine takes an uncertain letter in hand again."""
    assert not is_allowed(State.UNCERTAIN, State.CLAIMED)
    assert not is_allowed(State.SENDING, State.CLAIMED)
    assert is_allowed(State.QUEUED, State.CLAIMED)


def test_it_knows_every_state() -> None:
    """Every state has its row in the table, and none leads nowhere by accident."""
    assert set(TRANSITIONS) == set(State)
    assert {state for state, ways in TRANSITIONS.items() if not ways} == {
        State.REFUSED,
        State.BOUNCED,
        State.CANCELLED,
    }
    assert set(GREATEST_AGE) == {State.QUEUED, State.CLAIMED, State.SENDING, State.UNCERTAIN}
    assert set(SWEEPERS) == set(GREATEST_AGE)
