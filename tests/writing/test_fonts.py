"""The fonts of the printed letter."""

from pathlib import Path

import pytest

from undersigned.writing.fonts import PACKAGES, folders, region


def test_it_finds_every_package() -> None:
    """The fonts that the requirements bring are where typst looks."""
    found = folders()

    assert len(found) == len(PACKAGES)
    assert all(any(folder.glob("*.[ot]tf")) for folder in found)


def test_it_looks_in_the_coordinators_folder_first(tmp_path: Path) -> None:
    """A house typeface goes before ours."""
    assert folders([tmp_path])[0] == tmp_path


@pytest.mark.parametrize(
    ("name", "place"),
    [
        ("荒木 和博", "jp"),
        ("アムネスティ", "jp"),
        ("刘晓波", "cn"),
        ("臺灣人權促進會 / Taiwan", "tw"),
        ("人權 / Atlantis", "jp"),
        ("북한인권시민연합", "kr"),
        ("大韓民國 인권", "kr"),
        ("乭", "kr"),  # a Korean character that Japan and China do not have
        ("\U00030edd", "cn"),  # in no national set
        ("Woorion", "jp"),
    ],
)
def test_it_gives_han_characters_the_shapes_of_their_region(name: str, place: str) -> None:
    """One name is set in one typeface, and a Chinese name does not look Japanese."""
    assert region(name) == place


def test_it_takes_the_letters_region_where_a_name_does_not_tell() -> None:
    """A Latin name in a Chinese letter changes nothing."""
    assert region("Woorion", "cn") == "cn"
