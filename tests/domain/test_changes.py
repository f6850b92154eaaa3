"""What a text has become, to the word."""

import pytest

from undersigned.domain.changes import Change, changes

MARKS = {Change.SAME: "{}", Change.CAME: "[+{}+]", Change.WENT: "[-{}-]"}


def shown(old: str, new: str) -> list[str]:
    """Give each paragraph with its marks."""
    return [
        "".join(MARKS[piece.change].format(piece.text) for piece in one.pieces)
        for one in changes(old, new)
    ]


@pytest.mark.parametrize(
    ("old", "new", "marked"),
    [
        ("", "", []),
        ("One.\n\nTwo.", "One.\n\nTwo.", ["One.", "Two."]),
        (
            "We ask the Council to act now.",
            "We urge the Council to act.",
            ["We [-ask -][+urge +]the Council to [-act now.-][+act.+]"],
        ),
        ("One.", "One.\n\nTwo.", ["One.", "[+Two.+]"]),
        ("One.\n\nTwo.", "Two.", ["[-One.-]", "Two."]),
        (
            "They wait for us.",
            "Nobody came back yesterday.",
            ["[-They wait for us.-]", "[+Nobody came back yesterday.+]"],
        ),
        ("북한 인권을 위해 씁니다.", "북한 인권을 씁니다.", ["북한 인권을 [-위해 -]씁니다."]),
        ("我们敦促安理会行动", "我们请求安理会行动", ["我们[-敦促-][+请求+]安理会行动"]),
        ("One  \nline.", "One\nline.", ["[-One  \n-][+One\n+]line."]),
    ],
)
def test_what_came_and_went_is_marked_to_the_word(old: str, new: str, marked: list[str]) -> None:
    """A coordinator sees at a glance what signers are asked to agree to."""
    assert shown(old, new) == marked


def test_a_paragraph_knows_whether_it_changed() -> None:
    """A page may fold those that did not."""
    assert [one.is_changed for one in changes("A b.\n\nC d.", "A b.\n\nC e.")] == [
        False,
        True,
    ]


def test_both_texts_can_be_read_from_it() -> None:
    """Nothing is lost or added by the marks: without what came it is the old text."""
    old, new = "We ask you to act.\n\nSoon.", "We beg you to act.\n\nNow.\n\nPlease."
    found = changes(old, new)

    def text(without: Change) -> str:
        each = ["".join(p.text for p in one.pieces if p.change is not without) for one in found]
        return "\n\n".join(one for one in each if one)

    assert text(Change.CAME) == old
    assert text(Change.WENT) == new
