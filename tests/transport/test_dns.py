"""Key records, asked of a real name server on loopback."""

import socket
import threading
from collections.abc import Iterator
from datetime import timedelta

import dns.flags
import dns.message
import dns.rcode
import dns.resolver
import dns.rrset
import pytest

from undersigned.errors import TemporaryFailure
from undersigned.transport import dns as key_dns
from undersigned.transport.dns import key_records, look_up

RECORDS = {
    "one._domainkey.party.example.": ['"v=DKIM1; k=rsa; " "p=MIIB"'],
    "two._domainkey.party.example.": ['"google-site-verification=x"', '"k=rsa; p=ABC"'],
    "odd._domainkey.party.example.": ['"no key at all"'],
}


def _serve(server: socket.socket, asked: list[str]) -> None:
    while True:
        wire, client = server.recvfrom(4096)
        if not wire:
            return
        question = dns.message.from_wire(wire)
        name = question.question[0].name.to_text()
        asked.append(name)
        if name.startswith("hang."):
            continue
        answer = dns.message.make_response(question)
        answer.flags |= dns.flags.RA
        if name in RECORDS:
            answer.answer.append(dns.rrset.from_text(name, 60, "IN", "TXT", *RECORDS[name]))
        else:
            answer.set_rcode(dns.rcode.NXDOMAIN)
        server.sendto(answer.to_wire(), client)


@pytest.fixture
def asked() -> list[str]:
    """Give the names that the server was asked for."""
    return []


@pytest.fixture
def resolver(asked: list[str]) -> Iterator[dns.resolver.Resolver]:
    """Give a resolver that asks a server of the test."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        server.bind(("127.0.0.1", 0))
        thread = threading.Thread(target=_serve, args=(server, asked))
        thread.start()
        resolver = dns.resolver.Resolver(configure=False)
        resolver.nameservers = ["127.0.0.1"]
        resolver.port = server.getsockname()[1]
        yield resolver
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as stop:
            stop.sendto(b"", server.getsockname())
        thread.join()


def test_it_joins_the_strings_of_a_record(resolver: dns.resolver.Resolver) -> None:
    """Keys longer than 255 octets come in pieces (RFC 6376 §3.6.2.2)."""
    found = key_records(["one._domainkey.party.example"], resolver=resolver)

    assert found == {"one._domainkey.party.example": b"v=DKIM1; k=rsa; p=MIIB"}


def test_it_picks_the_record_that_is_a_key(resolver: dns.resolver.Resolver) -> None:
    """Other records may stand at the same name."""
    found = key_records(
        ["two._domainkey.party.example", "odd._domainkey.party.example"], resolver=resolver
    )

    assert found == {
        "two._domainkey.party.example": b"k=rsa; p=ABC",
        "odd._domainkey.party.example": b"no key at all",
    }


def test_it_leaves_out_names_without_a_record(resolver: dns.resolver.Resolver) -> None:
    """A key that was taken back is simply not there."""
    found = key_records(["gone._domainkey.party.example"], resolver=resolver)

    assert found == {}


def test_it_waits_for_all_names_together(resolver: dns.resolver.Resolver, asked: list[str]) -> None:
    """A name server that says nothing delays a reply once, not once a signature."""
    names = [f"hang.{number}.party.example" for number in range(5)]

    found = key_records(names, resolver=resolver, timeout=timedelta(milliseconds=100))

    assert found == {}
    assert set(asked) == {"hang.0.party.example."}


def test_it_asks_for_no_more_than_a_message_needs(
    resolver: dns.resolver.Resolver, asked: list[str]
) -> None:
    """A message with a thousand signatures does not make us ask a thousand times."""
    key_records([f"{number}.party.example" for number in range(1000)], resolver=resolver)

    assert len(set(asked)) == key_dns.LIMIT


def test_it_asks_nobody_for_nothing() -> None:
    """Most replies name no key."""
    assert key_records([]) == {}


def test_it_does_without_a_name_server(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine without DNS reads replies all the same, without their keys."""

    def broken() -> dns.resolver.Resolver:
        raise dns.resolver.NoResolverConfiguration

    monkeypatch.setattr(key_dns, "Resolver", broken)

    assert key_records(["one._domainkey.party.example"]) == {}


def test_it_survives_names_that_are_none(resolver: dns.resolver.Resolver) -> None:
    """The names come out of strangers' mail."""
    assert key_records([f"{'x' * 80}._domainkey.party.example", "a..b"], resolver=resolver) == {}


def test_it_gives_every_text_at_a_name(resolver: dns.resolver.Resolver) -> None:
    """A domain's SPF record stands among others."""
    found = look_up("two._domainkey.party.example", "TXT", resolver=resolver)

    assert set(found) == {"google-site-verification=x", "k=rsa; p=ABC"}


def test_it_gives_nothing_where_there_is_nothing(resolver: dns.resolver.Resolver) -> None:
    """A name that does not exist has no records."""
    assert look_up("nobody.example", "MX", resolver=resolver) == ()


def test_it_says_that_it_was_not_told(resolver: dns.resolver.Resolver) -> None:
    """A name server that is silent has not said that there is no record."""
    with pytest.raises(TemporaryFailure, match="does not say what hang"):
        look_up("hang.example", "MX", resolver=resolver, timeout=timedelta(seconds=1))
