"""Which language folder serves a reader of which language."""

from functools import lru_cache

from babel import Locale, UnknownLocaleError
from babel.core import get_global

#: The language in which every email exists, and which all others fall back to.
BASE = "en"


#: Tags kept with what was found for them.
KEPT = 1024


@lru_cache(KEPT)
def chain(tag: str) -> tuple[str, ...]:
    """Give the folders to look in, the closest first, by CLDR's likely subtags.

    >>> chain("zh-TW"), chain("zh"), chain("pt-BR")
    (('zh-Hant', 'zh'), ('zh-Hans', 'zh'), ('pt-Latn', 'pt'))
    """
    locale = _locale(tag)
    if locale is None:
        return ()
    likely = get_global("likely_subtags").get(locale.language, "")
    script = locale.script or likely.split("_")[1]
    return (f"{locale.language}-{script}", locale.language)


@lru_cache(KEPT)
def direction(tag: str) -> str:
    """Give "rtl" for languages written from right to left, else "ltr" (HTML's dir)."""
    locale = _locale(tag)
    return str(locale.text_direction) if locale else "ltr"


def _locale(tag: str) -> Locale | None:
    """Give the locale of a BCP 47 tag, or None where CLDR does not know it."""
    try:
        return Locale.parse(tag.replace("_", "-"), sep="-")
    except (UnknownLocaleError, ValueError):
        return None
