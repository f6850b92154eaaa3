"""Insist: write down what is known already, until the database takes it."""

import logging
import time
from collections.abc import Callable
from datetime import timedelta
from typing import TypeVar

from sqlalchemy.orm import Session

from undersigned.errors import DatabaseAwayError
from undersigned.service import Service

log = logging.getLogger(__name__)

Written = TypeVar("Written")

#: The first wait between two tries; it doubles up to the longest.
FIRST_WAIT = timedelta(milliseconds=50)
LONGEST_WAIT = timedelta(seconds=2)
#: How long a process that was asked to stop goes on trying: a restart of PostgreSQL takes seconds,
#: and the embedded engine waits 20 for the message in hand.
STOPPING_PATIENCE = timedelta(seconds=15)


def insist(service: Service, write: Callable[[Session], Written]) -> Written:
    """Run a writing transaction again and again until it is committed; gives what it gave.

    For what cannot be asked a second time: a server's answer, rows to give back. `write` may run
    after a commit whose confirmation was lost, so it must do no harm twice. It ends after one
    lease: from then on the sweepers decide. Raises the last `DatabaseAwayError` then.
    """
    until = time.monotonic() + service.settings.limits.lease.total_seconds()
    wait = FIRST_WAIT
    while True:
        try:
            with service.store.writing() as session:
                return write(session)
        except DatabaseAwayError as exc:
            if service.stopping.is_set():
                until = min(until, time.monotonic() + STOPPING_PATIENCE.total_seconds())
            if time.monotonic() + wait.total_seconds() > until:
                raise
            log.warning("the database is asked again", extra={"why": str(exc)})
            time.sleep(wait.total_seconds())
            wait = min(2 * wait, LONGEST_WAIT)
