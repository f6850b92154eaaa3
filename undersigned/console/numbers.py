"""Numbers in queries: what is none is refused in words."""

import re

from undersigned.errors import Refused


def number(text: str) -> int:
    """Give the number that a query names."""
    if not re.fullmatch(r"[0-9]{1,18}", text):
        raise Refused(f"{text!r} is no number.")
    return int(text)
