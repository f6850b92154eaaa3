"""Countries, in whatever language or form, and as the letter prints them."""

import tomllib

import pytest

from undersigned import resources
from undersigned.domain.house_style import Countries


@pytest.fixture(scope="module")
def countries() -> Countries:
    """Give the shipped recogniser, with a campaign's own name for one of them."""
    table = tomllib.loads(resources.config_text("countries.toml"))
    return Countries.from_table(table, {"MM": "Myanmar"})


@pytest.mark.parametrize(
    ("text", "printed"),
    [
        ("ROK", "South Korea"),
        ("R.O.K.", "South Korea"),
        ("대한민국", "South Korea"),
        ("Republic of Korea", "South Korea"),
        ("U.S.A.", "USA"),
        ("United Kingdom", "UK"),
        ("Großbritannien", "UK"),
        ("日本", "Japan"),
        ("Pays-Bas", "Netherlands"),
        ("Burma", "Myanmar"),
        ("République du Sénégal", "Senegal"),
        ("République d'Haïti", "Haiti"),
        ("Royaume du Maroc", "Morocco"),
        ("República de Chile", "Chile"),
        ("Königreich Spanien", "Spain"),
        ("Республика Армения", "Armenia"),
        ("جمهورية العراق", "Iraq"),
        ("جمهورية مصر العربية", "Egypt"),
        ("Кыргызстан", "Kyrgyzstan"),
        ("Republic of China", "Taiwan"),
        ("République de Chine", None),
        ("Republic of Texas", None),
        ("DE", "Germany"),
        ("ZZ", None),
        ("Atlantis", None),
        ("", None),
        ("...", None),
        ("x" * 500, None),
    ],
)
def test_it_prints_a_country_in_house_style(
    countries: Countries, text: str, printed: str | None
) -> None:
    """Whatever language names it, the letter prints one name; what is no country is none."""
    assert countries.styled(text) == printed


def test_it_gives_a_code_that_nobody_has_a_name_for(countries: Countries) -> None:
    """A code without a name is printed as it is, never as nothing."""
    assert countries.name("X1") == "X1"


def test_it_does_not_remember_for_ever(countries: Countries) -> None:
    """A long campaign's words do not pile up in memory."""
    for number in range(20_002):
        countries.code_of(f"word {number}")

    assert [countries.code_of("Japan") for _ in range(2)] == ["JP", "JP"]
    assert len(countries._known) < 20_000  # noqa: SLF001 - what the promise is about
