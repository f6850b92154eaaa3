"""Hosts: from an account's settings to the transport's values for sending and reading."""

from pathlib import Path

from undersigned.accounts import Account
from undersigned.errors import Refused
from undersigned.transport.accounts import GiveToken, ImapAccount, Security, SmtpAccount


def smtp_account(account: Account, token: GiveToken | None = None) -> SmtpAccount:
    """Give the transport's value for sending; raises `Refused` where the account has no server."""
    if not account.smtp_host:
        raise Refused(f"The account {account.name!r} has no smtp_host in the settings.")
    return SmtpAccount(
        host=account.smtp_host,
        port=account.smtp_port,
        security=Security(account.smtp_security),
        username=account.smtp_username or (account.address if token else None),
        password=account.smtp_password or None,
        token=token,
        ca_file=Path(account.ca_file) if account.ca_file else None,
    )


def imap_account(account: Account, token: GiveToken | None = None) -> ImapAccount:
    """Give the transport's value for reading; raises `Refused` where the account has no server."""
    if not account.imap_host:
        raise Refused(f"The account {account.name!r} has no imap_host in the settings.")
    return ImapAccount(
        host=account.imap_host,
        port=account.imap_port,
        security=Security(account.imap_security),
        username=account.imap_username or account.address,
        password=account.imap_password,
        token=token,
        ca_file=Path(account.ca_file) if account.ca_file else None,
    )
