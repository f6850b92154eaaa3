"""Accounts: the settings of a mail account, and the layers that they come from."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from undersigned.errors import Refused

Table = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Account:
    """A mail account: where it sends, where it is read. Empty hosts mean that it is not set up."""

    name: str
    #: What is known of the provider, by name; "" for nothing.
    profile: str
    address: str
    smtp_host: str
    smtp_port: int
    smtp_security: str
    smtp_username: str
    smtp_password: str = field(repr=False)
    smtp_connections: int
    #: Recipients in any minute, hour and 24 hours; 0 for no limit.
    smtp_per_minute: int
    smtp_per_hour: int
    smtp_per_day: int
    #: Between two messages to one domain; 0 for none.
    smtp_domain_spacing_seconds: int
    #: How much of these limits is used.
    limit_percent: int
    #: What stands in MAIL FROM: "tagged", the reply address with each message's own token, or
    #: "plain", the account's address.
    bounce_address: str
    #: Who carries its mail into the world: "provider", "relay" (our own), or "nobody".
    carrier: str
    #: Addresses by which the world sees an own relay; empty: those of smtp_host.
    relay_addresses: tuple[str, ...]
    #: The domain that the sender's SPF record must include; "" for any.
    spf_include: str
    #: Under which names the provider publishes the keys that it signs with (RFC 6376 §3.1).
    dkim_selectors: tuple[str, ...]
    #: What we sign with ourselves, one "selector file" each; empty where the provider signs.
    dkim_keys: tuple[str, ...]
    #: Who keeps a copy of what left in the Sent folder: "provider", "us", or "nobody".
    sent_copies: str
    imap_host: str
    imap_port: int
    imap_security: str
    imap_username: str
    imap_password: str = field(repr=False)
    #: Whose token opens it, by name; "" for a password.
    signs_in: str
    client_id: str
    client_secret: str = field(repr=False)
    tenant: str
    ca_file: str
    authserv_ids: tuple[str, ...]

    @property
    def selectors(self) -> tuple[str, ...]:
        """The selectors of all keys that its mail is signed with."""
        return (*self.dkim_selectors, *(one.partition(" ")[0] for one in self.dkim_keys))

    @property
    def tags_bounces(self) -> bool:
        """Whether mail may leave under an address of its own for each message."""
        return self.bounce_address == "tagged"

    @property
    def domain_spacing(self) -> timedelta:
        """How long after one message to a domain the next may leave; letters are not held."""
        return timedelta(seconds=self.smtp_domain_spacing_seconds)

    @property
    def limits(self) -> dict[timedelta, int]:
        """How many recipients any minute, hour and 24 hours may see; those with no limit lack.

        At least one: an account that may send nothing would be set up for nothing.
        """
        told = {
            timedelta(minutes=1): self.smtp_per_minute,
            timedelta(hours=1): self.smtp_per_hour,
            timedelta(hours=24): self.smtp_per_day,
        }
        return {
            window: max(1, most * self.limit_percent // 100)
            for window, most in told.items()
            if most
        }


@dataclass(frozen=True, kw_only=True)
class AccountLayers:
    """What an account's settings are made of; a later layer wins over an earlier one."""

    #: Every setting's default.
    shipped: Table
    #: By name: what is known of providers.
    profiles: Mapping[str, Table]
    #: By account: what `undersigned account add` kept in the database.
    added: Mapping[str, Table]
    #: By account: what stands in the operator's file and in the environment.
    given: Mapping[str, Table]

    def accounts(self) -> dict[str, Account]:
        """Give all accounts. Raises `Refused` for a profile that there is none of."""
        return {name: self._account(name) for name in {**self.given, **self.added}}

    def plain(self, name: str) -> Account:
        """Give an account of which nothing is set."""
        return _account(name, self.shipped)

    def _account(self, name: str) -> Account:
        own = {**self.added.get(name, {}), **self.given.get(name, {})}
        profile = own.get("profile", "")
        if profile and profile not in self.profiles:
            known = ", ".join(sorted(self.profiles))
            raise Refused(
                f"The account {name!r} names the profile {profile!r}, which there is none of; "
                f"there is: {known}."
            )
        return _account(name, {**self.shipped, **self.profiles.get(profile, {}), **own})


def _account(name: str, values: Table) -> Account:
    lists = {key: tuple(value) for key, value in values.items() if isinstance(value, list)}
    return Account(name=name, **{**values, **lists})
