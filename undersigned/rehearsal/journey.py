"""The journey: a whole campaign on loopback, from the invitation to the missions, in a minute.

The flows, the tasks and the mail are those of any campaign; only the clock, the post office and
the people are the rehearsal's. The director waits until everything is at rest, then puts the
clock forward to whatever comes next.
"""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import timedelta

from undersigned.rehearsal.clock import JumpingClock
from undersigned.rehearsal.director import COORDINATOR, Director, Hear
from undersigned.rehearsal.outcome import Outcome, conclude
from undersigned.rehearsal.post_office import AUTHSERV_ID, PostOffice
from undersigned.rehearsal.stage import Stage
from undersigned.service import Service, configured, open_service, quiet
from undersigned.settings import Settings, Ticks

#: Runs workers, beat and listeners for a service until the block ends.
Engine = Callable[[Service], AbstractContextManager[None]]

#: Beat's ticks in a rehearsal: real time, so that a minute is enough for a month.
TICK = timedelta(milliseconds=150)


def rehearse(stage: Stage, *, engine: Engine, hear: Hear) -> Outcome:
    """Play the whole campaign and give what came of it; everything written is in `stage.into`."""
    clock = JumpingClock(stage.plan.opens_at - timedelta(hours=1))
    office = PostOffice(clock=clock, mailbox=stage.plan.reply_address, keep=stage.into / "mail")
    with office:
        service = open_service(_settings(stage, office), announce=quiet)
        service.clock = clock
        service.find_keys = lambda _names: {}  # loopback has no DNS: the post office vouches
        try:
            director = Director(stage, service, office, clock, hear)
            with engine(service):
                director.play()
            return conclude(service, office, stage.draft, stage.into)
        finally:
            service.close()


def _settings(stage: Stage, office: PostOffice) -> Settings:
    smtp, imap = office.accounts()
    name = stage.plan.account
    settings = configured({})
    account = replace(
        settings.layers.plain(name),
        address=stage.plan.reply_address,
        smtp_host=smtp.host,
        smtp_port=smtp.port,
        smtp_security=smtp.security,
        smtp_username=smtp.username or "",
        smtp_password=smtp.password or "",
        imap_host=imap.host,
        imap_port=imap.port,
        imap_security=imap.security,
        imap_username=imap.username,
        imap_password=imap.password,
        authserv_ids=(AUTHSERV_ID,),
        carrier="nobody",
    )
    return replace(
        settings,
        database_url=f"sqlite:///{stage.into}/campaign.db",
        broker_url="memory://",
        coordinator=COORDINATOR,
        accounts={name: account},
        ticks=Ticks(**dict.fromkeys(Ticks.__dataclass_fields__, TICK)),
    )
