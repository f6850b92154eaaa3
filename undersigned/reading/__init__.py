"""The bytes of a reply in, a verdict out; pure."""

from undersigned.reading.authenticity import authserv_id, is_signed, key_names
from undersigned.reading.bounce import BounceReport, bounce_report
from undersigned.reading.enclosures import Enclosure, enclosures
from undersigned.reading.incoming import Attachment, Incoming, parse
from undersigned.reading.matching import Clues, clues
from undersigned.reading.reader import Question, read

__all__ = [
    "Attachment",
    "BounceReport",
    "Clues",
    "Enclosure",
    "Incoming",
    "Question",
    "authserv_id",
    "bounce_report",
    "clues",
    "enclosures",
    "is_signed",
    "key_names",
    "parse",
    "read",
]
