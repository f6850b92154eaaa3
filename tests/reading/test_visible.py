"""What of an HTML mail a reader cannot see."""

import pytest

from undersigned.reading.visible import hiding, is_hidden


@pytest.mark.parametrize(
    "style",
    [
        "display:none",
        "DISPLAY : none !important",
        "color:red;visibility:hidden",
        "mso-hide:all",
        "font-size:0",
        "font-size: 1px;",
        "opacity:0",
        "max-height:0;overflow:hidden",
        "height:0px",
        "text-indent:-9999px",
        "position:absolute;left:-5000px",
        "clip: rect(0 0 0 0)",
        "transform: scale(0)",
        "color:#fff",
        "color: rgb(255, 255, 255)",
        "color:transparent",
    ],
)
def test_it_knows_the_ways_to_hide_words(style: str) -> None:
    """A yes or a no that the sender never saw decides nothing."""
    assert is_hidden({"style": style}, frozenset())


@pytest.mark.parametrize(
    "style",
    [
        "display:block",
        "font-size:10pt",
        "font-size:11px",
        "opacity:0.9",
        "line-height:0.5",
        "min-height:0",
        "border-width:0",
        "background-color:#fff",
        "color:#ffeedd",
        "color:#fff;background-color:#1e1e1e",
        "margin-left:-10px",
        "",
    ],
)
def test_it_shows_what_can_be_seen(style: str) -> None:
    """Ordinary styles, and a dark theme, hide nothing."""
    assert not is_hidden({"style": style}, frozenset())


def test_it_reads_attributes_and_the_style_sheet() -> None:
    """Classes, ids and old attributes hide as well as a style."""
    sheet = hiding(".a, p.B{display:none} #c{font-size:0} p{display:none} .d .e{display:none}")

    assert sheet == {".a", ".b", "#c"}
    assert is_hidden({"class": "x A"}, sheet)
    assert is_hidden({"id": "C"}, sheet)
    assert is_hidden({"hidden": None}, frozenset())
    assert is_hidden({"color": "#FFFFFF"}, frozenset())
    assert not is_hidden({"class": "d", "id": None}, sheet)


def test_it_leaves_out_rules_for_some_screens_only() -> None:
    """What a telephone hides a desktop shows."""
    assert hiding("@media (max-width:1px) { .a { display:none } } .b { display:none } }") == {".b"}
    assert hiding("<!-- .a{display:none} --> /* .b{} */ .c{color:red}") == {".a"}
