"""What is said of a listing in a script without capitals, and no reading caught."""

import pytest

from tests.reading.test_words import verdict
from undersigned.domain.listing import Kind

PERSON = {
    "kind": Kind.INDIVIDUAL,
    "name": "Kono Toru",
    "title": "Physician",
    "country": "Japan",
}


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("ko", "네, 서명합니다. Lamps for All로 올려 주세요."),
        ("ja", "賛同いたします。Lamps for Allとして載せてください。"),
        ("zh", "同意联署，请写Lamps For All。"),
        ("ko", "서명합니다. 직함은 명예교수로 바꿔 주세요."),
        ("ko", "서명합니다. 이름은 Kohno Tooru로 하고 직함은 명예교수로 바꿔 주세요."),
        ("ja", "署名します。肩書は名誉教授に変更してください。"),
        ("ja", "署名します。Toru ではなく KOHNO Tohru にしてください。"),
        ("zh", "同意联署。头衔请改为荣誉教授。"),
    ],
)
def test_it_leaves_what_it_cannot_read_to_a_person(language: str, text: str) -> None:
    """Nobody is printed under a name, a title or a country that they did not ask for."""
    assert not verdict(text, language, **PERSON).automatic


@pytest.mark.parametrize(
    ("language", "text", "name", "country"),
    [
        ("ja", "署名します。国名はミャンマーとしてください。", "Kono Toru", "Burma"),
        ("ko", "서명합니다. 나라는 캐나다로 고쳐 주세요.", "Kono Toru", "Canada"),
        ("zh", "同意联署。国家请改为加拿大。", "Kono Toru", "Canada"),
        (
            "ja",
            "署名します。Kono Toru ではなく KOHNO Tohru としてください。",
            "KOHNO Tohru",
            "Japan",
        ),
        ("ko", "서명합니다. Toru가 아니라 Tohru로 고쳐 주세요.", "Kono Tohru", "Japan"),
        ("zh", "同意联署。不是 Toru，而是 Tohru。", "Kono Tohru", "Japan"),
        ("ja", "署名します。肩書はこのままでお願いします。", "Kono Toru", "Japan"),
    ],
)
def test_it_reads_a_correction_in_any_script(
    language: str, text: str, name: str, country: str
) -> None:
    """A country in the signer's own script comes into house style; a swapped name is swapped."""
    found = verdict(text, language, **PERSON)

    assert [(one.name, one.title, one.country) for one in found.listings] == [
        (name, "Physician", country)
    ]
    assert found.automatic, found.reason
