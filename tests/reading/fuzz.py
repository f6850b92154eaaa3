"""Looks for messages that crash the reader or cost too much: `make fuzz`.

What it finds is kept in var/fuzz; a find becomes a shape in tests/reading/hostile.py.
"""

import sys
import time
from dataclasses import replace

import atheris

with atheris.instrument_imports(include=["undersigned.reading"]):
    from tests.reading.accuracy import countries, question, rows
    from undersigned.reading import bounce_report, clues, mime, parse, read

#: What one message may cost, in seconds of this process; instrumented code is slower.
_COST_SECONDS = 2.0
_QUESTION = replace(question(rows()[0], countries()), sent=b"Subject: x\r\n\r\nReply YES.\r\n")


def look_at(raw: bytes) -> None:
    """Read one message as the service does."""
    start = time.process_time()
    mime.parts(raw)  # `parse` keeps what fails here; a failure is still a fault to mend
    incoming = parse(raw)
    if incoming.fault == "unreadable":
        raise AssertionError("a message that the reader cannot bear")
    clues(incoming)
    bounce_report(incoming)
    read(incoming, _QUESTION)
    if time.process_time() - start > _COST_SECONDS:
        raise AssertionError(f"{len(raw)} octets cost more than {_COST_SECONDS} s")


def main() -> None:
    """Run until stopped."""
    look_at(b"YES")
    atheris.Setup(sys.argv, look_at)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
