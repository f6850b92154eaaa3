"""The letter's Markdown, as a tree, as HTML and as plain text.

CommonMark without raw HTML, images and code: a letter needs paragraphs, emphasis, links, lists,
headings and quotations. A link goes to http, https or mailto and nowhere else (markdown-it's own
check).
"""

from collections.abc import Sequence
from functools import lru_cache

from markdown_it import MarkdownIt
from markdown_it.tree import SyntaxTreeNode
from markupsafe import Markup

from undersigned.writing.wrapping import COLUMNS, indent, width, wrap

#: What a letter does not hold; such text is printed as it was typed.
LEFT_OUT = ("html_block", "html_inline", "image", "code", "fence", "backticks")


#: Texts kept as they were set: one mail after the other shows the same letter.
KEPT = 64


def _parser() -> MarkdownIt:
    return MarkdownIt("commonmark", {"html": False}).disable(LEFT_OUT)


def tree(text: str) -> SyntaxTreeNode:
    """Give the letter's text as a tree of markdown-it's nodes."""
    return SyntaxTreeNode(_parser().parse(text))


@lru_cache(KEPT)
def as_html(text: str) -> Markup:
    """Give the text as HTML that may be put into a template as it is."""
    return Markup(_parser().render(text))  # noqa: S704 - raw HTML is off, so all text is escaped


@lru_cache(KEPT)
def as_text(text: str, columns: int = COLUMNS) -> str:
    """Give the text as plain text: wrapped, a blank line between paragraphs, links written out."""
    return _blocks(tree(text).children, columns)


def _blocks(nodes: Sequence[SyntaxTreeNode], columns: int) -> str:
    return "\n\n".join(_block(node, columns) for node in nodes)


def _block(node: SyntaxTreeNode, columns: int) -> str:
    match node.type:
        case "heading":
            return _heading(node, columns)
        case "blockquote":
            return indent(_blocks(node.children, columns - 4), "    ")
        case "bullet_list":
            return _items(node, ["- "] * len(node.children), columns)
        case "ordered_list":
            start = int(node.attrs.get("start", 1))
            marks = [f"{start + number}. " for number in range(len(node.children))]
            return _items(node, marks, columns)
        case "hr":
            return "* * *".center(columns).rstrip()
        case _:
            return _lines(inline(node), columns)


def _heading(node: SyntaxTreeNode, columns: int) -> str:
    words = _lines(inline(node), columns)
    longest = max(width(line) for line in words.split("\n"))
    return f"{words}\n{('=' if node.tag == 'h1' else '-') * longest}"


def _items(node: SyntaxTreeNode, marks: Sequence[str], columns: int) -> str:
    tight = all(
        child.hidden
        for item in node.children
        for child in item.children
        if child.type == "paragraph"
    )
    margin = max(len(mark) for mark in marks)
    texts = [
        mark.rjust(margin) + indent(_blocks(item.children, columns - margin), " " * margin).lstrip()
        for mark, item in zip(marks, node.children, strict=True)
    ]
    return ("\n" if tight else "\n\n").join(texts)


def _lines(text: str, columns: int) -> str:
    return "\n".join(wrap(line, columns) for line in text.split("\n"))


def inline(node: SyntaxTreeNode) -> str:
    """Give a paragraph's words on one line; a hard line break is a line feed."""
    match node.type:
        case "text":
            return node.content
        case "softbreak":
            return " "
        case "hardbreak":
            return "\n"
        case "link":
            return _link(node)
        case "em" | "strong":
            return f"{node.markup[0]}{_joined(node)}{node.markup[0]}"
        case _:
            return _joined(node)


def _joined(node: SyntaxTreeNode) -> str:
    return "".join(inline(child) for child in node.children)


def _link(node: SyntaxTreeNode) -> str:
    words, address = _joined(node), str(node.attrs["href"])
    return words if words in {address, address.removeprefix("mailto:")} else f"{words} <{address}>"
