"""A message that the mailbox's server does not hand out: told, and nothing after it is lost."""

from collections.abc import Iterator, Mapping
from dataclasses import replace

import pytest
from sqlalchemy import select

from tests.campaigns import Desk
from tests.transport.scripted_imap import BYE, DROP, ScriptedImap
from undersigned.flows import keep, read, receive, replies
from undersigned.store.machine_tables import TroubleRow
from undersigned.store.tables import ReplyRow
from undersigned.transport.accounts import Security

MAIL = "From: rik@openarchive.example\r\nMessage-ID: <{n}@openarchive.example>\r\n\r\nYes {n}\r\n"


def given(uid: int, part: str = "") -> str:
    """Give what a server says to FETCH, of a message or of its header."""
    text = MAIL.format(n=uid)
    text = text[: text.index("\r\n\r\n") + 4] if part else text
    return (
        f'* 1 FETCH (UID {uid} INTERNALDATE "26-May-2026 14:00:00 +0000" RFC822.SIZE 90 '
        f"BODY[{part}] {{{len(text)}}}\r\n{text})"
    )


def script(poison: Mapping[str, str]) -> dict[str, str]:
    """Give a mailbox of three messages, in whose middle stands one that makes FETCH fail."""
    return {
        "LIST": '* LIST () "/" INBOX\r\n{tag} OK',
        "EXAMINE": "* 3 EXISTS\r\n* OK [UIDVALIDITY 7] x\r\n* OK [UIDNEXT 14] x\r\n{tag} OK",
        "SEARCH": "* SEARCH 11 12 13\r\n{tag} OK",
        "FETCH 11": given(11) + "\r\n{tag} OK",
        "FETCH 13": given(13) + "\r\n{tag} OK",
        **poison,
    }


FACTS = '* 1 FETCH (UID 12 INTERNALDATE "26-May-2026 14:00:00 +0000" RFC822.SIZE 90)'
REFUSED = {"FETCH": "{tag} NO Command Error 12"}
HEADER_ALONE = {
    **REFUSED,
    "FETCH 12 (INTERNALDATE RFC822.SIZE)": FACTS + "\r\n{tag} OK",
    "FETCH 12 (BODY.PEEK[HEADER])": given(12, "HEADER") + "\r\n{tag} OK",
}


@pytest.fixture
def polled(desk: Desk, request: pytest.FixtureRequest) -> Iterator[Desk]:
    """Give a desk whose mailbox is such a server."""
    with ScriptedImap(script(request.param)) as server:
        service = desk.service
        account = replace(
            service.settings.accounts["default"],
            imap_port=server.port,
            imap_security=Security.PLAIN,
        )
        service.settings = replace(service.settings, accounts={"default": account})
        yield desk


def rows(desk: Desk) -> list[ReplyRow]:
    """Give what was kept."""
    with desk.service.store.reading() as session:
        return list(session.scalars(select(ReplyRow).order_by(ReplyRow.uid)))


def poll(desk: Desk, times: int) -> None:
    """Poll, a minute between two polls."""
    for _ in range(times):
        receive.receive(desk.service)
        desk.clock.go(minutes=1)


@pytest.mark.parametrize(
    "polled",
    [
        REFUSED,
        {"FETCH": "{tag} BAD Argument Error 11"},
        {"FETCH": "{tag} OK"},
        {"FETCH": DROP},
        {"FETCH": BYE},
    ],
    indirect=True,
)
def test_a_message_that_is_not_handed_out_holds_nothing_up(polled: Desk) -> None:
    """What stands before it is kept at once, what stands after it when it was given up.

    T64: chatwoot/chatwoot#5081.
    """
    polled.apply()
    poll(polled, 2)
    assert [row.uid for row in rows(polled)] == [11]
    with polled.service.store.reading() as session:
        assert "cannot be read" in session.scalars(select(TroubleRow.sentence)).one()

    poll(polled, 1 + keep.NOTHING_AFTER)
    read.read_kept(polled.service)

    assert [row.uid for row in rows(polled)] == [11, 12, 13]
    assert [row.is_whole for row in rows(polled)] == [True, False, True]
    assert (rows(polled)[1].state, rows(polled)[1].reason) == ("review", "not-handed-out")
    with polled.service.store.reading() as session:
        assert not session.scalars(select(TroubleRow.key)).all()
    assert replies.reply(polled.service, rows(polled)[1].id)


@pytest.mark.parametrize("polled", [HEADER_ALONE], indirect=True)
def test_it_says_whose_it_is_where_the_header_can_be_had(polled: Desk) -> None:
    """A server that fails at a body alone still tells who wrote."""
    polled.apply()

    poll(polled, 2 + keep.HEADER_AFTER)
    read.read_kept(polled.service)

    assert [row.sender for row in rows(polled)] == ["rik@openarchive.example"] * 3
    assert rows(polled)[1].reason == "not-handed-out"


@pytest.mark.parametrize("polled", [REFUSED], indirect=True)
def test_two_of_them_are_two(polled: Desk) -> None:
    """What nothing could be had of is no duplicate of another such message."""
    polled.apply()
    service = polled.service
    for uid in (21, 22):
        place = keep.Place(account="default", folder="INBOX", uidvalidity=7)
        group = [keep.Fetched(uid=uid, received_at=service.now, size=0, raw=None, head=b"")]
        keep._write(service, place, group, up_to=uid)  # noqa: SLF001 - one step
    read.read_kept(service)

    assert [row.reason for row in rows(polled)] == ["not-handed-out"] * 2
