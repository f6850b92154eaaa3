"""The spoof set: mail in a signer's name that is not the signer's makes no machine sign."""

import base64
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from email.utils import format_datetime
from functools import cache
from types import SimpleNamespace

import dkim
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from sqlalchemy import select

from tests.campaigns import NAME, RIK, Desk
from undersigned.flows import replies
from undersigned.rehearsal.post_office import AUTHSERV_ID
from undersigned.store.tables import DecisionRow

PARTY = "Open Archive Collective (OAC)"
DOMAIN = "openarchive.example"
EVIL = "mallory@evil.example"
#: What the mailbox's own server writes of mail that it knows nothing about.
NOTHING = f"Authentication-Results: {AUTHSERV_ID}; dkim=none; spf=none\r\n"
FORGED = (
    f"Authentication-Results: {AUTHSERV_ID}; dkim=pass header.d={DOMAIN}; "
    f"dmarc=pass header.from={DOMAIN}\r\n"
)


def passing(domain: str) -> str:
    """Give the verdict of the mailbox's own server on mail that a domain truly sent."""
    return (
        f"Authentication-Results: {AUTHSERV_ID}; dkim=pass header.d={domain}; "
        f"dmarc=pass header.from={domain}\r\n"
    )


def arrived(desk: Desk, raw: bytes, verdict: str = NOTHING) -> bytes:
    """Give a message as the mailbox's server files it: its own trace on top."""
    now = format_datetime(desk.clock.now)
    trace = f"Return-Path: <{EVIL}>\r\n{verdict}Received: by {AUTHSERV_ID} with ESMTP; {now}\r\n"
    return trace.encode() + raw


def yes(desk: Desk, sender: str = RIK, **headers: str) -> bytes:
    """Give a plain yes to the invitation of the party, with its stolen token."""
    return desk.reply(desk.mail_to(RIK)[0], "YES", sender=sender, headers=headers)


@cache
def key() -> tuple[bytes, bytes]:
    """Give a private key and its DNS record."""
    private = rsa.generate_private_key(65537, 2048)
    public = private.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    pem = private.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.TraditionalOpenSSL,
        serialization.NoEncryption(),
    )
    return pem, b"v=DKIM1; k=rsa; p=" + base64.b64encode(public)


def signed(raw: bytes, domain: str, *, length: bool = False) -> bytes:
    """Give the message with a true signature of a domain on top."""
    headers = [b"from", b"to", b"subject", b"date", b"message-id"]
    made = dkim.DKIM(raw).sign(
        b"mail", domain.encode(), key()[0], include_headers=headers, length=length
    )
    return bytes(made) + raw


def below_ours(desk: Desk) -> bytes:
    """Give a verdict in our server's name, which came with the message."""
    return arrived(desk, FORGED.encode() + yes(desk))


def at_the_bottom(desk: Desk) -> bytes:
    """Give the same, below the sender's own fields."""
    return arrived(desk, yes(desk).replace(b"\r\n\r\n", f"\r\n{FORGED}\r\n".encode(), 1))


def of_another_server(desk: Desk) -> bytes:
    """Give a verdict of a server whose name begins as ours."""
    forged = FORGED.replace(AUTHSERV_ID, f"{AUTHSERV_ID}.evil.example")
    return arrived(desk, yes(desk), forged)


def before_our_server(desk: Desk) -> bytes:
    """Give a verdict in our name, from before another server."""
    hop = f"Received: from x by mx.evil.example\r\n{FORGED}"
    return arrived(desk, hop.encode() + yes(desk), "")


def in_a_comment(desk: Desk) -> bytes:
    """Give a pass inside a comment of our server's verdict."""
    verdict = f"Authentication-Results: {AUTHSERV_ID}; dkim=neutral (; dkim=pass header.d={DOMAIN})"
    return arrived(desk, yes(desk), f"{verdict}\r\n")


def in_quotes(desk: Desk) -> bytes:
    """Give a pass inside a quoted string of it."""
    verdict = f'Authentication-Results: {AUTHSERV_ID}; spf=pass smtp.mailfrom="; dkim=pass header'
    return arrived(desk, yes(desk), f'{verdict}.d={DOMAIN}"\r\n')


def signed_by_another(desk: Desk) -> bytes:
    """Give a true signature, of another domain."""
    return arrived(desk, signed(yes(desk), "evil.example"), passing("evil.example"))


def signed_by_a_neighbour(desk: Desk) -> bytes:
    """Give a true signature, of a domain whose name begins as the signer's."""
    neighbour = f"{DOMAIN}.evil.example"
    return arrived(desk, signed(yes(desk), neighbour), passing(neighbour))


def lengthened(desk: Desk) -> bytes:
    """Give a true signature of an empty body, to which a yes was added (l=)."""
    short = desk.reply(desk.mail_to(RIK)[0], "", sender=RIK).partition(b"\r\n\r\n")[0]
    true = signed(short + b"\r\n\r\n", DOMAIN, length=True)
    return arrived(desk, true + b"YES\r\n", passing(DOMAIN))


def changed(desk: Desk) -> bytes:
    """Give a true signature of a no, made into a yes."""
    no = desk.reply(desk.mail_to(RIK)[0], "NO", sender=RIK)
    return arrived(desk, signed(no, DOMAIN).replace(b"NO\r\n", b"YES\r\n", 1))


def a_name_that_is_the_address(desk: Desk) -> bytes:
    """Give the invited address as a display name."""
    return arrived(desk, yes(desk, f'"{RIK}" <{EVIL}>'), passing("evil.example"))


def an_answer_to_the_address(desk: Desk) -> bytes:
    """Give the invited address in Reply-To and Sender."""
    fields = {"Reply-To": RIK, "Sender": RIK}
    return arrived(desk, yes(desk, EVIL, **fields), passing("evil.example"))


def a_look_alike(desk: Desk) -> bytes:
    """Give a domain that looks the same, as it stands in the DNS."""
    there = "xn--penarchive-jxg.example"  # with a Cyrillic o
    raw = yes(desk, f"rik@{there}").replace(b"From: rik@", b'From: "Rik Terpstra" <rik@', 1)
    return arrived(desk, raw.replace(f"{there}\r\n".encode(), f"{there}>\r\n".encode(), 1))


def a_look_alike_that_passes(desk: Desk) -> bytes:
    """Give the same in its own letters, truly sent from there."""
    there = "\u043epenarchive.example"
    raw = yes(desk).replace(f"From: {RIK}".encode(), f"From: rik@{there}".encode(), 1)
    return arrived(desk, raw, passing("xn--penarchive-jxg.example"))


def a_stolen_token(desk: Desk) -> bytes:
    """Give a stranger with the token of a public archive."""
    return arrived(desk, yes(desk, EVIL), passing("evil.example"))


def a_list_s_from(desk: Desk) -> bytes:
    """Give a list that puts itself into From, at the party's own domain."""
    fields = {"List-Id": f"<board.{DOMAIN}>", "List-Post": f"<mailto:board@{DOMAIN}>"}
    raw = yes(desk, f'"Mallory via Board" <board@{DOMAIN}>', **fields)
    return arrived(desk, raw, passing(DOMAIN))


def a_list_s_from_without_a_list_id(desk: Desk) -> bytes:
    """Give the same, known by the From that it replaced."""
    raw = yes(desk, f"\"'Mallory' via Board\" <{RIK}>", **{"X-Original-From": EVIL})
    return arrived(desk, raw, passing(DOMAIN))


def two_senders(desk: Desk) -> bytes:
    """Give two From fields."""
    return arrived(desk, f"From: {EVIL}\r\n".encode() + yes(desk), passing("evil.example"))


def two_in_one_from(desk: Desk) -> bytes:
    """Give two addresses in one From."""
    raw = yes(desk).replace(f"From: {RIK}".encode(), f"From: {EVIL}, {RIK}".encode(), 1)
    return arrived(desk, raw, passing("evil.example"))


Spoof = Callable[[Desk], bytes]

SPOOFS: tuple[Spoof, ...] = (
    below_ours,
    at_the_bottom,
    of_another_server,
    before_our_server,
    in_a_comment,
    in_quotes,
    signed_by_another,
    signed_by_a_neighbour,
    lengthened,
    changed,
    a_name_that_is_the_address,
    an_answer_to_the_address,
    a_look_alike,
    a_look_alike_that_passes,
    a_stolen_token,
    a_list_s_from,
    a_list_s_from_without_a_list_id,
    two_senders,
    two_in_one_from,
)


@pytest.fixture
def invited(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """Give a desk that has invited, where the DNS has every key, and signatures the test's time."""
    monkeypatch.setattr(dkim, "time", SimpleNamespace(time=lambda: desk.clock().timestamp()))
    desk.service.find_keys = lambda names: dict.fromkeys(names, key()[1])
    return desk.invited()


def file(desk: Desk, raw: bytes) -> None:
    """Put a message into the mailbox as it is, and read it."""
    with desk.service.mailbox("default") as mailbox:
        mailbox.append("INBOX", raw, desk.clock.now)
    desk.read()


def decided(desk: Desk) -> list[str]:
    """Give what rules have decided."""
    with desk.service.store.reading() as session:
        query = select(DecisionRow.act).where(DecisionRow.decided_by.startswith("rule:"))
        return list(session.scalars(query))


@pytest.mark.parametrize("spoof", SPOOFS, ids=lambda one: one.__name__)
def test_no_machine_signs_by_a_spoof(invited: Desk, spoof: Spoof) -> None:
    """Whatever a stranger can write, the name prints only after a person's or the party's word."""
    file(invited, spoof(invited))

    assert decided(invited) == []
    assert not any(invited.printed().values())


@pytest.mark.parametrize("where", ["on top", "below our server's line"])
def test_no_machine_signs_where_the_mailbox_writes_no_verdicts(invited: Desk, where: str) -> None:
    """A server that checks nothing leaves what was sent in its name: so it is not to be trusted."""
    settings = invited.service.settings
    account = replace(settings.accounts["default"], authserv_ids=())
    invited.service.settings = replace(settings, accounts={"default": account})
    alone = arrived(invited, FORGED.encode() + yes(invited), "")

    file(invited, FORGED.encode() + alone if where == "on top" else alone)

    assert decided(invited) == []


@pytest.mark.parametrize(
    "genuine",
    [
        lambda desk: arrived(desk, yes(desk), passing(DOMAIN)),
        lambda desk: arrived(desk, signed(yes(desk), DOMAIN)),
    ],
    ids=["vouched", "signed"],
)
def test_a_machine_signs_by_the_signer_s_own_mail(invited: Desk, genuine: Spoof) -> None:
    """The set shows something: the same mail, truly theirs, is a signature."""
    file(invited, genuine(invited))

    assert decided(invited) == ["sign"]
    assert PARTY in str(invited.printed())


@pytest.mark.parametrize("days", [1, 9])
def test_no_machine_signs_by_a_reply_that_is_sent_again(invited: Desk, days: int) -> None:
    """A yes that was taken back cannot be replayed, however true its signature is."""
    old = signed(yes(invited), DOMAIN)
    file(invited, arrived(invited, old))
    invited.clock.go(hours=1)
    withdrawal = invited.reply(
        invited.mail_to(RIK)[0], "Please withdraw our signature.", sender=RIK
    )
    file(invited, arrived(invited, signed(withdrawal, DOMAIN)))
    assert decided(invited) == ["sign", "withdraw"]

    invited.clock.now += timedelta(days=days)
    file(invited, arrived(invited, old))

    assert decided(invited) == ["sign", "withdraw"]
    assert not any(invited.printed().values())
    assert [row.reason for row in replies.reviews(invited.service, NAME)] == ["sent-again"]


def test_a_mail_that_comes_by_two_ways_is_one_word(invited: Desk) -> None:
    """A copy through a list decides nothing again, and nobody gets a second receipt for it."""
    mail = signed(yes(invited), DOMAIN)
    file(invited, arrived(invited, mail))
    file(invited, arrived(invited, b"Received: by lists.example with ESMTP\r\n" + mail))
    invited.deliver()

    assert decided(invited) == ["sign"]
    assert len(invited.mail_to(RIK)) == 2
    assert replies.reviews(invited.service, NAME) == []
