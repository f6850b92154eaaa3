"""The bytes of a reply in, a verdict out; pure."""

from undersigned.reading.authenticity import authserv_id, key_names
from undersigned.reading.bounce import BounceReport, bounce_report
from undersigned.reading.incoming import Attachment, Incoming, parse
from undersigned.reading.matching import Clues, clues
from undersigned.reading.reader import Question, read

__all__ = [
    "Attachment",
    "BounceReport",
    "Clues",
    "Incoming",
    "Question",
    "authserv_id",
    "bounce_report",
    "clues",
    "key_names",
    "parse",
    "read",
]
