"""Paragraphs that a mail program broke to fit a line, made whole again (RFC 3676)."""

from undersigned.reading.mime import Part


def unwrapped(part: Part) -> str:
    """Give the text of a part with its paragraphs on one line each, where it says they flow."""
    text = part.text().replace("\r\n", "\n")
    if part.parameters.get("format", "").lower() != "flowed":
        return text
    return flowed(text, delsp=part.parameters.get("delsp", "").lower() == "yes")


def flowed(text: str, *, delsp: bool) -> str:
    r"""Give format=flowed text with its paragraphs on one line each.

    >>> flowed("one \\ntwo\\n> quo \\n> ted", delsp=False)
    'one two\\n> quo ted'
    """
    #: Each line in pieces: joining them at the end keeps the cost in proportion.
    lines: list[list[str]] = []
    open_depth = -1
    for line in text.split("\n"):
        depth = len(line) - len(line.lstrip(">"))
        content = line[depth:].removeprefix(" ")
        is_signature = content == "-- "
        flows = content.endswith(" ") and not is_signature
        kept = content[:-1] if flows and delsp else content
        if open_depth == depth and not is_signature:
            lines[-1].append(kept)
        else:
            lines.append([">" * depth + " " if depth else "", kept])
        open_depth = depth if flows else -1
    return "\n".join("".join(pieces) for pieces in lines)
