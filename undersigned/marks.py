"""Marks: the places between two steps at which a process may be killed, named.

Nothing happens at a mark, unless the suite asks for the worst: a file named by UNDERSIGNED_KILL_AT
holds a mark's name and how often it is passed before the process kills itself, without a word and
without a chance to tidy up, as the machine's memory killer would. The file is renamed first, so
that one file is one kill however many processes share it.
"""

import contextlib
import os
import signal
import threading
from collections import Counter
from pathlib import Path

#: Every mark there is, in the order of a message's way.
MARKS = (
    "store.committing",  # any transaction: all is written, nothing is committed
    "store.committed",  # any transaction: it is committed, and what follows has not begun
    "smtp.asking",  # any step of a conversation: the server was not asked yet
    "smtp.answered",  # any step of it: the server has answered, nobody has looked
    "smtp.written",  # a message has left with its final dot, the server has not answered
    "imap.asking",  # any step with a mailbox: it was not asked yet
    "imap.answered",  # any step with it: it has answered, nobody has looked
    "deliver.claimed",  # rows are claimed, nothing is written
    "deliver.composed",  # the bytes are kept, nothing is sent
    "deliver.answered",  # a server has taken a message, nobody has written it down
    "deliver.settled",  # the answers of a group are written
    "letter.marked",  # the mark is committed, MAIL FROM is not said
    "letter.answered",  # the server has taken a letter, nobody has written it down
    "letter.settled",  # its answer is written
    "receive.fetched",  # messages are fetched, none is kept
    "receive.kept",  # they are kept, and the watermark has not moved
    "read.claimed",  # replies are claimed, none is parsed
    "read.parsed",  # a reply is parsed and its keys are kept
    "read.decided",  # decisions, list and receipts are made and not committed
    "read.committed",  # they are committed, and nobody was woken
    "remind.made",  # reminders are made and not committed
    "remind.committed",  # they are in the outbox, and nobody was woken
    "freeze.pressed",  # the letter is pressed, and nothing of it is written
    "freeze.made",  # the manifest is made and not committed
    "freeze.committed",  # it is committed
    "dispatch.made",  # the letters are made and not committed
    "dispatch.committed",  # the letters are in the outbox, and nobody was woken
    "recover.swept",  # what a killed process left is free again, and not all of it
)

_passed: Counter[str] = Counter()
_lock = threading.Lock()


def passed(mark: str) -> None:
    """Pass a mark; what stands after it may never happen."""
    order = os.environ.get("UNDERSIGNED_KILL_AT")
    if order is not None:
        _obey(Path(order), mark)


def _obey(order: Path, mark: str) -> None:
    with _lock, contextlib.suppress(FileNotFoundError):  # obeyed already
        wanted, _, times = order.read_text(encoding="ascii").partition(" ")
        if wanted != mark:
            return
        _passed[mark] += 1
        if _passed[mark] >= int(times or 1):
            order.rename(order.with_suffix(".obeyed"))
            os.kill(os.getpid(), signal.SIGKILL)
