"""Freeze: make the letter as it will leave, for each mission, and keep it with its manifest."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from undersigned import marks
from undersigned.domain.campaign import Plan
from undersigned.domain.letter import Errand
from undersigned.errors import Refused, TemporaryFailure
from undersigned.flows import kept_templates, manifest, notify
from undersigned.flows.manifest import Copy, Manifest
from undersigned.service import Service
from undersigned.store import campaigns, freezes, journal, replies, troubles
from undersigned.store.paper_tables import CopyRow
from undersigned.store.tables import CampaignRow, FreezeRow

#: How long the mailbox may take to be read past the cut-off before coordinators are told.
FREEZE_PATIENCE = timedelta(minutes=10)


# Freezing.


def freeze_due(service: Service) -> int:
    """Freeze every campaign whose cut-off has passed and that was never frozen; gives how many.

    Waits until the mailbox was read past the cut-off and until no reply that came before it waits
    for a person; says so as a trouble meanwhile.
    """
    with service.store.reading() as session:
        due = [
            campaign.name
            for campaign in campaigns.all_of(session)
            if campaign.opened_at is not None
            and Plan.from_table(campaign.plan).cutoff_at <= service.now
            and not freezes.count(session, campaign.id)
        ]
    return sum(_freeze_or_tell(service, name) for name in due)


def _freeze_or_tell(service: Service, name: str) -> bool:
    try:
        freeze(service, name, by="tick")
    except Refused as exc:
        _tell(service, name, str(exc), at_once=True)
        return False
    except TemporaryFailure as exc:
        service.announce("fetch")
        _tell(service, name, str(exc), at_once=False)
        return False
    return True


def _tell(service: Service, name: str, sentence: str, *, at_once: bool) -> None:
    """Show in the status why the freeze waits; tell the coordinators at once, or when it lasts."""
    now = service.now
    with service.store.writing() as session:
        campaign = campaigns.get(session, name)
        if freezes.count(session, campaign.id):  # another worker's tick was first
            return
        troubles.tell(session, f"freeze:{campaign.id}", sentence, now=now, campaign_id=campaign.id)
        if at_once or now - Plan.from_table(campaign.plan).cutoff_at > FREEZE_PATIENCE:
            notify.coordinators(
                session, campaign, f"freeze-waits:{campaign.id}", [sentence], now=now
            )


def freeze(service: Service, name: str, *, by: str, despite_reviews: bool = False) -> FreezeRow:
    """Make the letter as it will leave: text, list, addressees, documents and their digest.

    Raises `Refused` before the cut-off, when a freeze holds already, or while replies wait for a
    person (who may freeze `despite_reviews`); `TemporaryFailure` while the mailbox was not read
    past the cut-off.
    """
    now = service.now
    with service.store.reading() as session:
        campaign = campaigns.get(session, name)
        _refuse_early(session, campaign, now, despite_reviews=despite_reviews)
        made = manifest.content(
            session, campaign, campaigns.words(campaigns.edition(session, campaign.id))
        )
    return keep(service, name, made, by=by)


def keep(service: Service, name: str, made: Manifest, *, by: str) -> FreezeRow:
    """Set the letter that a manifest describes for each addressee, and keep it as frozen.

    Raises `Refused` where what it is made of changed meanwhile, or a freeze holds already.
    """
    now, shop = service.now, manifest.shop(service)
    # Seconds for a long list and many addressees: not inside a transaction.
    copies = [shop.copy(made, one) for one in made["addressees"]]
    pdf = shop.pdf(manifest.printed(made), made["paper"])
    marks.passed("freeze.pressed")
    with service.store.writing() as session:
        campaign = campaigns.lock(session, campaigns.get(session, name).id)
        first = _refuse_changed(session, campaign, made)
        edition = campaigns.edition(session, campaign.id)
        row = FreezeRow(
            campaign_id=campaign.id,
            edition_id=edition.id,
            number=freezes.count(session, campaign.id) + 1,
            kind=made["errand"],
            first_id=first.id if first else None,
            manifest=(whole := _whole(service, made, edition.number, copies, pdf)),
            digest=manifest.digest(whole),
            pdf=pdf,
            frozen_at=now,
            frozen_by=by,
        )
        session.add(row)
        session.flush()
        session.add_all(CopyRow(freeze_id=row.id, **vars(one)) for one in copies)
        marks.passed("freeze.made")
        troubles.mend(session, f"freeze:{campaign.id}")
        journal.write(
            session,
            "froze",
            f"freeze:{row.number}",
            actor=by,
            now=now,
            campaign_id=campaign.id,
            errand=row.kind,
            digest=row.digest,
            counts=made["counts"],
        )
    marks.passed("freeze.committed")
    return row


def _refuse_changed(session: Session, campaign: CampaignRow, made: Manifest) -> FreezeRow | None:
    """Refuse a letter that is frozen already, or that is no longer what would be frozen now.

    Gives the letter that a supplement or a correction follows.
    """
    errand = Errand(made["errand"])
    current = freezes.lock_current(session, campaign.id)
    if current is not None and (errand is Errand.LETTER or current.started_at is None):
        raise Refused(f"{campaign.name} is frozen already. `undersigned dispatch status` shows it.")
    is_letter = errand is Errand.LETTER
    first = None if is_letter else freezes.left(session, campaign.id)
    words = manifest.words(made)
    if is_letter:
        words = campaigns.words(campaigns.edition(session, campaign.id))
    now = manifest.content(session, campaign, words, errand=errand, first=first)
    if manifest.differs(made, now):
        raise Refused("The list changed while the letter was being frozen: freeze it again.")
    return first


def _whole(
    service: Service, made: Manifest, edition: int, copies: Sequence[Copy], pdf: bytes
) -> Manifest:
    """Give the manifest with the templates and the digests of what was made."""
    digests = {one.code: one.digests for one in copies}
    return {
        **made,
        "edition": edition,
        "addressees": [{**one, "sha256": digests[one["code"]]} for one in made["addressees"]],
        "documents": {"letter.pdf": manifest.sha256(pdf)},
        "templates": kept_templates.keep(service, made["language"]),
    }


def _refuse_early(
    session: Session, campaign: CampaignRow, now: datetime, *, despite_reviews: bool
) -> None:
    plan = Plan.from_table(campaign.plan)
    if now < plan.cutoff_at:
        raise Refused(
            f"The list is open until {plan.cutoff_at:%Y-%m-%d %H:%M} UTC: freeze it after that."
        )
    watermark = replies.watermark(session, campaign.account, now)
    if watermark is None or watermark < plan.cutoff_at:
        raise TemporaryFailure(
            "The mailbox has not been read completely since the cut-off: a yes may lie in it. "
            "The freeze waits; `undersigned status` says what keeps the mailbox from being read."
        )
    if unread := replies.waiting(session, campaign.account, plan.cutoff_at):
        raise TemporaryFailure(
            f"{unread} replies from before the cut-off are being read: the freeze waits."
        )
    waiting = [one for one in replies.open_reviews(session, campaign.id) if one.campaign_id]
    if waiting and not despite_reviews:
        raise Refused(
            f"{len(waiting)} replies wait for a person: settle them with `undersigned review`, or "
            "freeze without them by `undersigned letter freeze --despite-reviews`."
        )
