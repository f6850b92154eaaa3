"""Own words by other libraries, on the same text, for comparison: `make accuracy`.

They come with the extra "compare"; where they are not installed nothing is compared.
"""

import importlib
from collections.abc import Callable

Cut = Callable[[str], str]


def peers() -> dict[str, Cut]:
    """Give what cuts quotes by the name of its package, for those that are installed."""
    found: dict[str, Cut] = {}
    for name, make in (
        ("talon", _talon),
        ("mail-parser-reply", _mail_parser_reply),
        ("email-reply-parser", _email_reply_parser),
    ):
        try:
            found[name] = make()
        except ImportError:
            continue
    return found


def _talon() -> Cut:
    quotations = importlib.import_module("talon.quotations")
    return lambda text: str(quotations.extract_from_plain(text))


def _mail_parser_reply() -> Cut:
    parser = importlib.import_module("mailparser_reply").EmailReplyParser(
        languages=["en", "de", "es", "fr", "ja", "ko", "pt", "ru", "zh"]
    )

    def cut(text: str) -> str:
        try:
            return str(parser.parse_reply(text=text) or "")
        except Exception:  # noqa: BLE001 - what it cannot read it has not read
            return ""

    return cut


def _email_reply_parser() -> Cut:
    parser = importlib.import_module("email_reply_parser").EmailReplyParser
    return lambda text: str(parser.parse_reply(text))
