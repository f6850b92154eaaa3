"""HTML mail to plain text: quotes marked as quotes, and nothing that the sender could not see."""

import re

from selectolax.lexbor import LexborHTMLParser, LexborNode

from undersigned.reading import visible

#: Nodes looked at in one message; what is beyond stands in no reply that a person wrote.
MAX_NODES = 20_000
#: Where nesting ends; a mail program's own quotes stop far earlier. The parser's cost grows with
#: the square of the depth.
MAX_DEPTH = 400
#: Containers looked into for a blockquote, and style sheets; each costs a walk.
_CONTAINERS = 20
_SHEETS = 10
_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9]{0,15})\b")
#: Elements that need no end tag, so that open ones say nothing about the depth.
_UNCLOSED = frozenset(
    {"area", "base", "br", "col", "dd", "dt", "embed", "hr", "img", "input", "li", "link", "meta",
     "option", "p", "source", "tbody", "td", "th", "thead", "tr", "track", "wbr"}
)  # fmt: skip

_BLOCKS = frozenset(
    {"address", "article", "aside", "blockquote", "body", "center", "dd", "div", "dl", "dt", "fieldset",  # noqa: E501 - a pattern is read whole
     "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "li", "main", "nav", "ol", "p",  # noqa: E501 - a pattern is read whole
     "pre", "section", "table", "tbody", "tfoot", "thead", "tr", "ul"}
)  # fmt: skip
_SPACED = frozenset({"p", "h1", "h2", "h3", "h4"})
_NEVER_SHOWN = frozenset(
    {"head", "style", "script", "title", "meta", "noscript", "template", "object", "svg", "xml", "select",  # noqa: E501 - a pattern is read whole
     "-comment", "_comment", "!doctype"}
)  # fmt: skip

#: A container that a mail program puts the quoted message in.
_QUOTES = re.compile(
    r"gmail_quote|yahoo_quoted|protonmail_quote|zmail_extra|moz-cite-prefix|tutanota_quote"
    r"|gmail_extra_quote|quoteBody|wps_quotion|ntes_(?:reply_quote|reply)|isReplyContent|RNNotifyMsg"
    r"|reply-intro|mail-quote|_3FYu8|x_gmail_quote"
)
_ATTRIBUTIONS = re.compile(r"gmail_attr|moz-cite-prefix|gmail_extra\b")
_OUTLOOK_HEADER = re.compile(
    r"divRplyFwdMsg|appendonsend|OLK_SRC_BODY_SECTION|mail-editor-reference|x_divRplyFwdMsg"
    r"|origbody|ms-outlook-mobile-reference"
)
_SIGNATURES = re.compile(
    r"gmail_signature|moz-signature|ms-outlook-mobile-signature|AppleMailSignature|_signature_\b"
    r"|protonmail_signature|zimbra-signature|tutanota_signature|yahoo-?signature|ymail_android_signature"
    r"|\bWISESIG|mobile_signature|outlook-signature|\bSignature\b|email-signature"
)


def text(html: str) -> str:
    r"""Give the visible text: quoted lines begin with "> ", a signature stands after "-- ".

    >>> text("<div>YES</div><blockquote>reply NO</blockquote>")
    'YES\\n> reply NO'
    """
    return rendered(html)[0]


def rendered(html: str) -> tuple[str, bool]:
    """Give the visible text, and whether there is more than was looked at."""
    looked_at = shallow(html)
    parser = LexborHTMLParser(looked_at)
    body = parser.body
    if body is None:
        return "", looked_at != html
    sheets = parser.css("style")[:_SHEETS] if "<style" in looked_at.lower() else []
    writer = _Writer(visible.hiding("".join(one.text() for one in sheets)))
    writer.write(body)
    return writer.result(), writer.is_cut or len(looked_at) < len(html)


def shallow(html: str) -> str:
    """Give the HTML up to the place where it nests too deeply to be read in reasonable time."""
    if html.count("<") <= MAX_DEPTH:
        return html
    opened: dict[str, int] = {}
    depth = 0
    for tag in _TAG.finditer(html):
        name = tag.group(2).lower()
        if name in _UNCLOSED:
            continue
        if not tag.group(1):
            opened[name] = opened.get(name, 0) + 1
            depth += 1
            if depth > MAX_DEPTH:
                return html[: tag.start()]
        elif opened.get(name):
            opened[name] -= 1
            depth -= 1
    return html


class _Writer:
    """Walks the tree without recursion: a hostile tree may be deeper than Python's stack."""

    def __init__(self, hiding: frozenset[str]) -> None:
        self.hiding = hiding
        self.containers = 0
        self.lines: list[str] = []
        self.current: list[str] = []
        self.quote = 0
        self.preformatted = 0
        self.is_cut = False

    def write(self, body: LexborNode) -> None:
        """Write the visible text of the tree."""
        stack: list[tuple[LexborNode | None, str]] = [(body, "")]
        looked_at = 0
        while stack:
            node, ending = stack.pop()
            if node is None:
                self._end(ending)
                continue
            looked_at += 1
            if looked_at > MAX_NODES:
                self.is_cut = True
                break
            tag = node.tag or ""
            if tag == "-text":
                self._text(node.text_content or "")
                continue
            if tag in _NEVER_SHOWN or len(stack) > MAX_NODES:
                continue
            attributes = node.attributes
            if attributes and visible.is_hidden(attributes, self.hiding):
                continue
            stack.extend(self._begin(node, tag, attributes))

    def _begin(  # noqa: C901 - one branch a kind of thing
        self, node: LexborNode, tag: str, attributes: dict[str, str | None]
    ) -> list[tuple[LexborNode | None, str]]:
        endings: list[tuple[LexborNode | None, str]] = []
        marks = (
            f"{attributes.get('class') or ''} {attributes.get('id') or ''}" if attributes else " "
        )
        if tag == "br":
            self._break()
        elif tag == "hr":
            self._break()
            self.lines.append(self._prefix() + "________________________________")
        elif tag in _BLOCKS:
            self._line()
            endings.append((None, "paragraph" if tag in _SPACED else "block"))
        elif tag == "td":
            endings.append((None, "cell"))
        elif tag == "img":
            return []
        if tag == "pre":
            self.preformatted += 1
            endings.append((None, "pre"))
        if tag == "blockquote" or self._is_quote(node, attributes, marks):
            self._line()
            self.quote += 1
            endings.append((None, "quote"))
        if _OUTLOOK_HEADER.search(marks):
            self._line()
            self.lines.append(self._prefix() + "________________________________")
        elif _SIGNATURES.search(marks) and not self.quote and node.text(strip=True):
            self._line()
            self.lines.append("-- ")
            endings.append((None, "signature"))
        children: list[tuple[LexborNode | None, str]] = []
        child = node.child
        while child is not None:
            children.append((child, ""))
            child = child.next
        return [*endings, *reversed(children)]

    def _is_quote(self, node: LexborNode, attributes: dict[str, str | None], marks: str) -> bool:
        """Say whether a container without a blockquote holds the quoted message.

        With one, the blockquote counts: answers may stand in the container beside it.
        """
        is_container = (attributes.get("name") or "") in {"quote", "quoted-content"} or (
            _QUOTES.search(marks) and not _ATTRIBUTIONS.search(marks)
        )
        if not is_container or self.containers >= _CONTAINERS:
            return False
        self.containers += 1
        return node.css_first("blockquote") is None

    def _end(self, ending: str) -> None:
        if ending == "cell":
            self.current.append(" ")
            return
        self._line()
        if ending == "paragraph" and self.lines and self.lines[-1].strip(" >"):
            self.lines.append(self._prefix().rstrip())
        elif ending == "quote":
            self.quote -= 1
        elif ending == "pre":
            self.preformatted -= 1
        elif ending == "signature":
            self.lines.append("")

    def _text(self, content: str) -> None:
        if self.preformatted:
            first, *rest = content.split("\n")
            self.current.append(first)
            for line in rest:
                self._break()
                self.current.append(line)
        else:
            self.current.append(content)

    def _prefix(self) -> str:
        return "> " * min(self.quote, 5)

    def _break(self) -> None:
        self.lines.append(self._prefix() + self._taken())

    def _line(self) -> None:
        taken = self._taken()
        if taken:
            self.lines.append(self._prefix() + taken)

    def _taken(self) -> str:
        joined = "".join(self.current)
        self.current = []
        return joined.strip() if self.preformatted else " ".join(joined.split())

    def result(self) -> str:
        self._line()
        text = "\n".join(line.rstrip() if line != "-- " else line for line in self.lines)
        return re.sub(r"\n{3,}", "\n\n", text).strip("\n")
