"""The list of public mail providers that ships."""

import tomllib
from collections import Counter

from publicsuffixlist import PublicSuffixList

from undersigned import resources
from undersigned.domain.listing import Kind
from undersigned.domain.party import Prospect
from undersigned.domain.verdict import Sender
from undersigned.reading import parse
from undersigned.reading.authenticity import relation

DOMAINS: list[str] = tomllib.loads(resources.config_text("public_mail_providers.toml"))["domains"]


def sender(address: str, invited: str, words: str = "YES", *, explains: bool = False) -> Sender:
    """Give who the address is to an organization that was invited at the other."""
    return relation(
        parse(f"From: <{address}>\r\n\r\n{words}".encode()),
        Prospect(
            kind=Kind.ORGANIZATION,
            name="Lakeshore Refugee Advocates",
            contact="Ana Duarte",
            email=invited,
        ),
        words,
        explains=explains,
        public_providers=frozenset(DOMAINS),
    )


def test_it_takes_two_addresses_at_a_public_provider_for_strangers() -> None:
    """One customer of a mail provider cannot sign for another."""
    for domain in DOMAINS:
        assert sender(f"one@{domain}", f"other@{domain}") is Sender.STRANGER
        assert sender(f"one@mail.{domain}", f"other@{domain}") is Sender.STRANGER
        assert sender(f"one@{domain}", f"One@{domain.upper()}") is Sender.INVITED


def test_it_takes_two_addresses_of_an_organization_for_colleagues() -> None:
    """A director may answer for the office that was invited."""
    assert sender("director@lakeshore.example", "office@lakeshore.example") is Sender.COLLEAGUE


def test_it_listens_to_a_private_address_that_names_the_party_and_says_why() -> None:
    """Small organizations write from where they can."""
    words = "This is Lakeshore Refugee Advocates; our office mail is down."

    assert sender("lakeshore@gmail.com", "office@lakeshore.example", words) is Sender.STRANGER
    assert (
        sender("lakeshore@gmail.com", "office@lakeshore.example", words, explains=True)
        is Sender.EXPLAINED
    )


def test_it_listens_to_the_person_it_wrote_to_at_a_private_address_that_says_why() -> None:
    """Who signs with the whole name that the invitation greeted need not name the office too."""
    office = "office@lakeshore.example"

    for words, expected in (
        ("Our office mail is down. Yes, list us. Ana Duarte, director", Sender.EXPLAINED),
        ("Our office mail is down. Yes, list us. Ana", Sender.STRANGER),
    ):
        assert sender("ana@gmail.com", office, words, explains=True) is expected
        assert sender("ana@gmail.com", office, words) is Sender.STRANGER


def test_it_names_real_domains_each_once_in_lower_case() -> None:
    """A misspelt domain would protect nobody."""
    suffixes = PublicSuffixList(accept_unknown=False)

    assert len(DOMAINS) >= 200
    assert [one for one, count in Counter(DOMAINS).items() if count > 1] == []
    assert [one for one in DOMAINS if one != one.lower().strip(". ")] == []
    assert [one for one in DOMAINS if suffixes.privatesuffix(one) is None] == []
