"""Receive: keep every message of every mailbox before anything is made of it."""

import contextlib
from collections.abc import Collection
from datetime import timedelta

from undersigned import marks
from undersigned.domain.campaign import Plan
from undersigned.errors import DatabaseAwayError, PermanentFailure, TemporaryFailure, TokenDiedError
from undersigned.flows import keep, sent, witness
from undersigned.service import Service
from undersigned.store import campaigns, replies, troubles
from undersigned.transport.imap import Mailbox
from undersigned.transport.roles import Role

#: The folders that are read at every poll: people answer, and providers mistake answers for junk.
POLLED = frozenset({Role.INBOX, Role.JUNK})

#: The one name that every server knows (RFC 9051 section 5.1); in it a listener waits.
INBOX = "INBOX"

#: Folders that hold our own mail, or what people threw away on purpose.
OURS = frozenset({Role.SENT, Role.DRAFTS, Role.TRASH})

#: How often the other folders are searched.
SEARCH_EVERY = timedelta(hours=1)

#: From this share on, a person is told that the mailbox fills up.
NEARLY_FULL = 0.9


def receive(service: Service) -> int:
    """Poll every mailbox that is set up; gives how many new replies were kept."""
    kept = 0
    for account in service.settings.accounts.values():
        if account.imap_host:
            kept += fetch(service, account.name)
    return kept


def fetch(service: Service, account: str) -> int:
    """Poll one mailbox; gives how many new replies were kept.

    A complete poll of all its folders moves the watermark to the instant at which it began. What
    goes wrong with the server is kept as a trouble, and the next tick tries again.
    """
    try:
        with contextlib.suppress(TokenDiedError), service.mailbox(account) as mailbox:
            return poll(service, account, mailbox)
        with service.mailbox(account) as mailbox:  # with a new token; what was kept is kept
            return poll(service, account, mailbox)
    except DatabaseAwayError:
        raise
    except (TemporaryFailure, PermanentFailure) as exc:
        tell(service, account, str(exc))
        return 0


def poll(service: Service, account: str, mailbox: Mailbox) -> int:
    """Fetch all folders over an open connection, and note the poll as complete."""
    began = service.now
    kept = _fetch_folders(service, account, mailbox)
    if kept:
        service.announce("read")
    sent.settle(service, account, mailbox)
    marks.passed("receive.kept")
    with service.store.writing() as session:
        replies.complete(session, account, began, now=service.now)
        troubles.mend(session, f"imap:{account}")
    return kept


def _fetch_folders(service: Service, account: str, mailbox: Mailbox) -> int:
    kept = 0
    for folder in mailbox.folders():
        if folder.selectable and folder.role in POLLED:
            name = INBOX if folder.role is Role.INBOX else folder.name
            kept += _fetch_folder(service, account, mailbox, name)
    return kept + _fetch_filed(service, account, mailbox)


def _fetch_filed(service: Service, account: str, mailbox: Mailbox) -> int:
    """Look once an hour for replies that people have filed away before we saw them."""
    now = service.now
    with service.store.reading() as session:
        if not replies.is_time_to_search(session, account, now=now, every=SEARCH_EVERY):
            return 0
        ours = {
            Plan.from_table(campaign.plan).reply_address
            for campaign in campaigns.all_of(session)
            if campaign.account == account
        }
    _tell_fullness(service, account, mailbox)
    kept, notes_folder = 0, mailbox.own_folder(witness.FOLDER)
    for folder in mailbox.folders():
        is_ours = folder.role in OURS or folder.name == notes_folder
        if folder.selectable and folder.role not in POLLED and not is_ours:
            kept += _search_folder(service, account, mailbox, folder.name, ours)
    with service.store.writing() as session:
        replies.searched(session, account, now)
    return kept


def _search_folder(
    service: Service, account: str, mailbox: Mailbox, folder: str, ours: Collection[str]
) -> int:
    """Keep what answers us in one folder: sent to a reply address, or in a thread of ours."""
    state = mailbox.examine(folder)
    found: set[int] = set()
    for address in ours:
        local, _, domain = address.rpartition("@")
        for header, value in (
            ("To", address),
            ("To", f"{local}+"),
            ("References", f"@{domain}>"),
            ("In-Reply-To", f"@{domain}>"),
        ):
            found.update(mailbox.search_header(header, value))
    with service.store.reading() as session:
        known = replies.known_uids(session, account, folder, state.uidvalidity, sorted(found))
    place = keep.Place(account=account, folder=folder, uidvalidity=state.uidvalidity)
    return keep.keep(service, mailbox, place, sorted(found - known))


def _tell_fullness(service: Service, account: str, mailbox: Mailbox) -> None:
    share, key = mailbox.fullness(), f"full:{account}"
    with service.store.writing() as session:
        if share is None or share < NEARLY_FULL:
            troubles.mend(session, key)
            return
        troubles.tell(
            session,
            key,
            f"The mailbox of account {account} is {share:.0%} full: when it is, replies bounce and "
            "nobody can sign. Delete what you need no more, or ask its provider for room.",
            now=service.now,
        )


def tell(service: Service, account: str, sentence: str) -> None:
    """Note why a mailbox cannot be read, for `undersigned status`."""
    with service.store.writing() as session:
        troubles.tell(
            session,
            f"imap:{account}",
            f"The mailbox of account {account} cannot be read: {sentence} Replies wait there, "
            "none is lost; check imap_host, imap_username and imap_password.",
            now=service.now,
        )


def _fetch_folder(service: Service, account: str, mailbox: Mailbox, folder: str) -> int:
    state = mailbox.examine(folder)
    with service.store.reading() as session:
        cursor = replies.cursor(session, account, folder)
    is_renumbered = cursor is not None and cursor.uidvalidity != state.uidvalidity
    # A changed UIDVALIDITY makes all UIDs new: fetch all again, what is known by its bytes
    # is recognised when it is read (RFC 9051 section 2.3.1.1).
    above = cursor.uid if cursor is not None and not is_renumbered else 0
    if is_renumbered:
        _tell_renumbered(service, account, folder)
    if state.uidnext <= above + 1:
        return 0
    place = keep.Place(account=account, folder=folder, uidvalidity=state.uidvalidity)
    return keep.keep_all(service, mailbox, place, mailbox.uids_above(above))


def _tell_renumbered(service: Service, account: str, folder: str) -> None:
    with service.store.writing() as session:
        troubles.tell(
            session,
            f"uidvalidity:{account}:{folder}",
            f"The mailbox of account {account} numbered the messages in {folder} anew: all are "
            "fetched again, and known ones are recognised. Nothing is to be done, unless it "
            "happens often: then ask who runs the mailbox.",
            now=service.now,
        )
