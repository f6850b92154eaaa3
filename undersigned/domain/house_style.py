"""Country names: any language or form in, the house style out.

CLDR, through Babel, knows every country in every language; a table adds what it lacks (official
and United Nations names, ROK, U.S.A., Burma) and how the letter prints a name.
"""

import re
import unicodedata
from collections.abc import Mapping
from functools import cache, cached_property
from typing import Any

#: CLDR's locales that are searched: the languages that letters are answered in, and their scripts.
LOCALES = (
    "en", "ko", "ja", "es", "fr", "zh", "zh_Hant", "pt", "pt_PT", "de", "ru", "ar", "id", "th",
    "it", "nl", "sv", "da", "nb", "fi", "pl", "cs", "uk", "tr", "vi", "hu", "ro", "el",
)  # fmt: skip

_LEADING = re.compile(r"^(?:the|la|le|les|l'|el|los|las|o|os|die|der|a|as) ")
#: What official names set before the everyday one: "République du Sénégal".
_OFFICIAL = re.compile(
    r"^(?:(?:the )?(?:republic|kingdom|principality|grand duchy) of(?: the)?"
    r"|(?:republica|reino|principado|gran ducado) (?:de|del|de la|de los|da|do|das|dos)"
    r"|(?:republique|royaume|principaute|grand duche) (?:de|du|des|de la|de l|d)"
    r"|(?:republik|konigreich|furstentum|grossherzogtum|bundesrepublik)"
    r"|(?:республика|королевство|княжество)|(?:جمهوريه|جمهورية|مملكه|مملكة|دوله|دولة)) "
)
#: Whose official name is that of another: the Republic of China.
_NOT_OFFICIAL = frozenset({"CN", "KP"})
_PUNCTUATION = re.compile(r"[^\w\s]+")
_SPACES = re.compile(r"\s+")
_MAX_CHARACTERS = 80


def _key(text: str) -> str:
    """Give what two spellings of a country share: no case, accents, marks or leading article."""
    folded = unicodedata.normalize("NFKD", text.casefold().replace("&", " and "))
    bare = "".join(character for character in folded if not unicodedata.combining(character))
    bare = unicodedata.normalize("NFC", bare).replace("\u2019", "'")
    bare = _PUNCTUATION.sub("", bare.replace("-", " ").replace("'", " ' ").replace("/", " "))
    return _LEADING.sub("", _SPACES.sub(" ", bare).strip())


@cache
def _cldr_names() -> Mapping[str, str]:
    """Give every name that CLDR has, by its key, and the code it stands for."""
    from babel import Locale  # noqa: PLC0415 - a tenth of a second that only some callers need

    codes: dict[str, str] = {}
    for locale in LOCALES:
        territories = Locale.parse(locale).territories
        for code, name in territories.items():
            if len(code) == 2 and code.isalpha() and code not in _NO_COUNTRIES:  # noqa: PLR2004 - ISO alpha-2
                codes.setdefault(_key(name), code)
                codes.setdefault(_key(re.sub(r"\(.*?\)", "", name)), code)
    return codes


#: Codes in CLDR that are no country: groupings, pseudo-locales, the unknown region.
_NO_COUNTRIES = frozenset({"EU", "EZ", "QO", "UN", "XA", "XB", "ZZ"})


@cache
def _cldr_english() -> Mapping[str, str]:
    from babel import Locale  # noqa: PLC0415 - as above

    return {
        code: name.replace(" & ", " and ").replace("\u2019", "'").replace("St. ", "Saint ")
        for code, name in Locale.parse("en").territories.items()
        if len(code) == 2 and code.isalpha()  # noqa: PLR2004 - ISO alpha-2
    }


class Countries:
    """The countries of the world, as one campaign prints them."""

    def __init__(self, names: Mapping[str, str], also: Mapping[str, str]) -> None:
        self._names = names
        self._also = also
        self._known: dict[str, str | None] = {}

    @classmethod
    def from_table(
        cls, table: Mapping[str, Any], style: Mapping[str, str] | None = None
    ) -> "Countries":
        """Make the countries of config/countries.toml, and the names a campaign prints otherwise.

        `table` has `names` (code to printed name) and `also` (code to further names); `style` is
        the campaign's own code to printed name.
        """
        names = {**table.get("names", {}), **(style or {})}
        also = {_key(form): code for code, forms in table.get("also", {}).items() for form in forms}
        also |= {_key(name): code for code, name in table.get("names", {}).items()}
        also |= {_key(name): code for code, name in (style or {}).items()}
        return cls(names, also)

    @cached_property
    def _codes(self) -> Mapping[str, str]:
        return {**_cldr_names(), **self._also}

    def code_of(self, text: str) -> str | None:
        """Give the ISO 3166-1 code of the country that the text names, or None.

        >>> Countries.from_table({"also": {"KR": ["ROK"]}}).code_of("R.O.K.")
        'KR'
        """
        if len(text) > _MAX_CHARACTERS:
            return None
        if text not in self._known:
            if len(self._known) > 20_000:  # noqa: PLR2004 - a long campaign's words must not pile up
                self._known.clear()
            self._known[text] = self._looked_up(text)
        return self._known[text]

    def _looked_up(self, text: str) -> str | None:
        key = _key(text)
        if not key:
            return None
        bare = text.strip()
        if len(bare) == 2 and bare.isascii() and bare.isupper() and key not in self._also:  # noqa: PLR2004 - alpha-2
            return bare if bare in _cldr_english() and bare not in _NO_COUNTRIES else None
        if key in self._codes:
            return self._codes[key]
        everyday = self._codes.get(_OFFICIAL.sub("", key))
        return None if everyday in _NOT_OFFICIAL else everyday

    def name(self, code: str) -> str:
        """Give the printed name of a country; the code itself where nobody knows it."""
        return self._names.get(code) or _cldr_english().get(code, code)

    def styled(self, text: str) -> str | None:
        """Give the printed name of the country that the text names, or None where it names none.

        >>> Countries.from_table({"names": {"KR": "South Korea"}}).styled("대한민국")
        'South Korea'
        """
        code = self.code_of(text)
        return None if code is None else self.name(code)
