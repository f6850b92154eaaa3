"""Which language folder serves whom."""

import pytest

from undersigned.writing.languages import chain, direction


@pytest.mark.parametrize(
    ("tag", "folders"),
    [
        ("zh-TW", ("zh-Hant", "zh")),
        ("zh-HK", ("zh-Hant", "zh")),
        ("zh-CN", ("zh-Hans", "zh")),
        ("zh", ("zh-Hans", "zh")),
        ("zh_TW", ("zh-Hant", "zh")),
        ("pt-BR", ("pt-Latn", "pt")),
        ("ko", ("ko-Kore", "ko")),
        ("xx", ()),
        ("", ()),
    ],
)
def test_it_goes_from_the_closest_to_the_widest(tag: str, folders: tuple[str, ...]) -> None:
    """A reader in Taipei gets traditional characters, an unknown tag gets English."""
    assert chain(tag) == folders


@pytest.mark.parametrize(
    ("tag", "way"), [("ar", "rtl"), ("en", "ltr"), ("zh-Hant", "ltr"), ("xx", "ltr")]
)
def test_it_knows_which_way_a_language_runs(tag: str, way: str) -> None:
    """Arabic stands on the right."""
    assert direction(tag) == way
