"""What of an HTML mail a reader cannot see: hidden by an attribute, a style or a style sheet."""

import re
from collections.abc import Mapping

_HIDDEN = re.compile(
    r"display\s*:\s*none|visibility\s*:\s*(hidden|collapse)|mso-hide\s*:\s*all"
    r"|font(-size)?\s*:\s*0*\.?0*[01]?(px|pt|em|rem|%)?\s*(;|!|$)|opacity\s*:\s*0?\.?0+\s*(;|!|$)"
    r"|max-height\s*:\s*0|max-width\s*:\s*0|(?<![\w-])(height|width)\s*:\s*0(px|pt)?\s*(;|!|$)"
    r"|text-indent\s*:\s*-\d{3,}|(?<![\w-])(left|top|right)\s*:\s*-\d{3,}"
    r"|clip\s*:\s*rect\(\s*0|clip-path\s*:\s*inset\(\s*(50|100)%|scale\(\s*0\s*[,)]"
    r"|(?<![\w-])color\s*:\s*(transparent|rgba\([^)]*,\s*0?\.?0+\s*\))"
)
#: White on the page's own white; with a background of its own it is a dark theme.
_WHITE_ON_WHITE = re.compile(
    r"(?<![\w-])color\s*:\s*(white|#fff(fff)?\b|rgba?\(\s*255\s*,\s*255\s*,\s*255)"
)
_WHITE = frozenset({"white", "#fff", "#ffffff", "transparent"})
#: As much of a style sheet and of one style as is looked at.
_SHEET_CHARACTERS = 40_000
_STYLE_CHARACTERS = 2000
#: A selector that names one class or one id, perhaps of one element: ".a", "span.a", "#b".
_SIMPLE = re.compile(r"[a-z]{0,10}([.#][\w-]{1,60})")
_COMMENT = re.compile(r"/\*[^*]{0,2000}\*+/|<!--|-->")


def is_hidden(attributes: Mapping[str, str | None], sheet: frozenset[str]) -> bool:
    """Say whether an element with these attributes shows nothing, by itself or by the style sheet.

    >>> is_hidden({"style": "display:none"}, frozenset())
    True
    """
    if "hidden" in attributes or (attributes.get("color") or "").strip().lower() in _WHITE:
        return True
    style = attributes.get("style")
    if style and _hides(style[:_STYLE_CHARACTERS].lower()):
        return True
    return bool(sheet) and any(name in sheet for name in _names(attributes))


def _hides(style: str) -> bool:
    if "background" not in style and _WHITE_ON_WHITE.search(style):
        return True
    return _HIDDEN.search(style) is not None


def _names(attributes: Mapping[str, str | None]) -> list[str]:
    named = [f".{one}" for one in (attributes.get("class") or "").lower().split()[:20]]
    return [*named, f"#{(attributes.get('id') or '').lower()}"]


def hiding(sheet: str) -> frozenset[str]:
    """Give the classes (".a") and ids ("#b") that a style sheet hides.

    What it says of screens of one size alone (@media) is left out.

    >>> sorted(hiding(".a, p.b { display: none } @media print { .c { display: none } }"))
    ['.a', '.b']
    """
    text = _COMMENT.sub(" ", sheet[:_SHEET_CHARACTERS].lower())
    found: set[str] = set()
    depth, start, selectors = 0, 0, ""
    for brace in re.finditer(r"[{}]", text):
        if brace.group() == "{":
            if depth == 0:
                selectors = text[start : brace.start()]
            depth += 1
            start = brace.end()
            continue
        depth = max(depth - 1, 0)
        if depth == 0 and "@" not in selectors and _hides(text[start : brace.start()]):
            found.update(_simple(selectors))
        start = brace.end()
    return frozenset(found)


def _simple(selectors: str) -> list[str]:
    matches = (_SIMPLE.fullmatch(one.strip()) for one in selectors.split(","))
    return [match.group(1) for match in matches if match]
