"""The tasks: each wakes a flow. They carry ids, or nothing; the truth is in the database."""

import contextlib
import os
import threading

from celery import shared_task

from undersigned.errors import TemporaryFailure, UndersignedError
from undersigned.flows import alarm as alarming
from undersigned.flows import brief as briefing
from undersigned.flows import deliver as delivering
from undersigned.flows import dispatch as dispatching
from undersigned.flows import freeze as freezing
from undersigned.flows import publish as publishing
from undersigned.flows import read as reading
from undersigned.flows import receive as receiving
from undersigned.flows import recover as recovering
from undersigned.flows import remind as reminding
from undersigned.flows import sent_copies
from undersigned.service import Service, configured, open_service

_lock = threading.Lock()
_stopping = threading.Event()
_services: dict[int, Service] = {}


def service() -> Service:
    """Give this process's service, opened at the first task, which is after the fork."""
    with _lock:
        pid = os.getpid()
        if pid not in _services:
            _services.clear()
            _services[pid] = open_service(configured(os.environ))
            if _stopping.is_set():
                _services[pid].stop()
        return _services[pid]


def use(opened: Service) -> None:
    """Let the tasks of this process use a service that was opened already (embedded engine)."""
    with _lock:
        _services[os.getpid()] = opened


def warm() -> None:
    """Let this process build in the background what its first reply needs."""

    def build() -> None:
        with contextlib.suppress(UndersignedError):  # the database is away: the first task tells
            reading.warm(service())

    threading.Thread(target=build, name="undersigned-warm", daemon=True).start()


def stop_taking() -> None:
    """Take no new row: what is in hand is finished."""
    _stopping.set()
    for opened in _services.values():
        opened.stop()


def close() -> None:
    """Close this process's service, if one was opened."""
    opened = _services.pop(os.getpid(), None)
    if opened is not None:
        opened.close()


@shared_task(name="deliver", throws=(TemporaryFailure,))
def deliver() -> None:
    """Hand over what is due."""
    delivering.deliver(service())


@shared_task(name="fetch", throws=(TemporaryFailure,))
def fetch() -> None:
    """Poll the mailboxes."""
    receiving.receive(service())


@shared_task(name="read", throws=(TemporaryFailure,))
def read() -> None:
    """Read what was kept."""
    reading.read_kept(service())


@shared_task(name="remind", throws=(TemporaryFailure,))
def remind() -> None:
    """Make the reminders whose time has come."""
    reminding.remind_due(service())


@shared_task(name="freeze", throws=(TemporaryFailure,))
def freeze() -> None:
    """Freeze what has closed."""
    freezing.freeze_due(service())


@shared_task(name="dispatch", throws=(TemporaryFailure,))
def dispatch() -> None:
    """Begin what is armed and due."""
    dispatching.dispatch_due(service())


@shared_task(name="copy", throws=(TemporaryFailure,))
def copy() -> None:
    """Put copies of letters into Sent."""
    sent_copies.file_copies(service())


@shared_task(name="publish", throws=(TemporaryFailure,))
def publish() -> None:
    """Write the letters' pages anew whose list has changed."""
    publishing.publish_changed(service())


@shared_task(name="recover", throws=(TemporaryFailure,))
def recover() -> None:
    """Sweep up what a killed process left."""
    recovering.recover(service())


@shared_task(name="brief", throws=(TemporaryFailure,))
def brief() -> None:
    """Write the coordinators' digest of the day, and what cannot wait for it."""
    alarming.alarm_due(service())
    briefing.brief_due(service())
