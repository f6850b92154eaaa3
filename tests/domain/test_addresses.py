"""Mail addresses and the tokens in them."""

import pytest

from undersigned.domain import addresses


@pytest.mark.parametrize(
    ("text", "is_one"),
    [
        ("office@party.example", True),
        ("o'hara@party.example", True),
        ("office@bücher.example", True),
        ("office@party", False),
        ("two@party.example, three@party.example", False),
        ("Ann <ann@party.example>", False),
        ("", False),
        ("a..b@party.example", False),
    ],
)
def test_it_knows_an_address(text: str, is_one: bool) -> None:  # noqa: FBT001 - a column of the table
    """One address and nothing else is an address."""
    assert addresses.is_address(text) is is_one


def test_it_makes_tokens_that_survive_mail_servers() -> None:
    """A token is lower-case base32 and is known again in any case."""
    token = addresses.token(bytes(range(10)))

    assert token == token.lower()
    assert len(token) == addresses.TOKEN_LENGTH
    assert addresses.is_token(token.upper())
    assert not addresses.is_token("not-a-token")


def test_it_refuses_tokens_of_another_length() -> None:
    """Eighty bits, no fewer: a token must not be guessed."""
    with pytest.raises(ValueError, match="80 bits"):
        addresses.token(b"short")


def test_it_tags_an_address_and_reads_the_tag() -> None:
    """The tag after the plus sign comes back, in lower case."""
    tagged = addresses.tagged("sign@letters.example", "abcd")

    assert tagged == "sign+abcd@letters.example"
    assert addresses.tag_of(tagged.upper()) == "abcd"
    assert addresses.tag_of("sign@letters.example") is None
    assert addresses.tag_of("sign+@letters.example") is None


def test_it_refuses_a_local_part_over_sixty_four_octets() -> None:
    """A reply address that servers would refuse is never made (RFC 5321)."""
    with pytest.raises(ValueError, match="too long"):
        addresses.tagged(f"{'s' * 50}@letters.example", "a" * 16)


@pytest.mark.parametrize(
    ("host", "organization"),
    [
        ("mail.kestrelrights.co.uk", "kestrelrights.co.uk"),
        ("KESTREL.example.", "kestrel.example"),
        ("example", "example"),
    ],
)
def test_it_finds_the_organizational_domain(host: str, organization: str) -> None:
    """Two hosts of one organization share a domain; two of one public suffix do not."""
    assert addresses.organizational_domain(host) == organization


def test_it_gives_the_domain_of_an_address() -> None:
    """The domain is in lower case, and empty where there is none."""
    assert addresses.domain("Ann@Party.Example.") == "party.example"
    assert addresses.domain("nobody") == ""
