"""Adopt: a person says that this database goes on, in place of any other."""

from undersigned.domain.witness import Kind
from undersigned.errors import Refused
from undersigned.flows import witness
from undersigned.service import Service
from undersigned.store import campaigns, journal, notes
from undersigned.store.place import place


def adopt(service: Service, *, by: str) -> int:
    """Let this database go on, with every campaign paused; gives its new epoch.

    The epoch becomes higher than any in the mailboxes, and a note tells every other copy of it.
    Raises `TemporaryFailure` or `PermanentFailure` where a mailbox cannot be read: the note must
    stand before anything leaves from here.
    """
    accounts = [one.name for one in service.settings.accounts.values() if one.imap_host]
    if not accounts:
        raise Refused("No account in the settings has an imap_host, so there are no notes to read.")
    highest = max(_highest(service, account) for account in accounts)
    epoch = _raise_epoch(service, highest, accounts, by=by)
    for account in accounts:
        with service.mailbox(account) as mailbox:
            witness.leave(service, account, mailbox, mailbox.own_folder(witness.FOLDER))
    service.sights.clear()
    return epoch


def _highest(service: Service, account: str) -> int:
    """Give the highest epoch of an account's notes."""
    with service.mailbox(account) as mailbox:
        found = witness.standing(mailbox, mailbox.own_folder(witness.FOLDER))
    return max((note.epoch for _, note in found), default=0)


def _raise_epoch(service: Service, highest: int, accounts: list[str], *, by: str) -> int:
    now, here = service.now, place(service.store)
    with service.store.writing() as session:
        installed = notes.lock(session)
        installed.epoch = max(installed.epoch, highest) + 1
        installed.place, installed.since = here, now
        session.flush()
        every = campaigns.all_of(session)
        for campaign in every:
            campaign.paused_at = campaign.paused_at or now
        for account in accounts:
            names = [one.name for one in every if one.account == account]
            notes.add(session, account, Kind.AT_WORK, names, now=now)
        journal.write(
            session,
            "adopted",
            f"installation:{installed.instance}",
            actor=by,
            now=now,
            campaign_id=None,
            epoch=installed.epoch,
        )
        return installed.epoch
