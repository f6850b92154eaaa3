"""The fonts that letters are printed with: the same on every machine.

They come as packages, never from the system, so that a letter can be made again byte for byte
elsewhere. Libertinus Serif (Latin, Greek, Cyrillic, Hebrew) comes with typst itself.
"""

import re
from collections.abc import Iterable
from importlib.util import find_spec
from pathlib import Path

#: Packages that hold nothing but fonts under the SIL Open Font License, and what they print.
PACKAGES: dict[str, str] = {
    "pylopdf_fonts_ko": "Korean",
    "pylopdf_fonts_jp": "Japanese",
    "pylopdf_fonts_zh_cn": "Chinese, simplified",
    "pylopdf_fonts_zh_tw": "Chinese, traditional",
    "pylopdf_fonts_ar": "Arabic",
    "pylopdf_fonts_th": "Thai",
    "manimgx_fonts": "Armenian, Burmese, Devanagari, Ethiopic, Georgian, Khmer, Lao, and more",
}

#: Han characters take the shape of their region. By language, the region of the letter's own.
REGIONS = {"ja": "jp", "ko": "kr", "zh-Hant": "tw", "zh": "cn"}

_HANGUL = re.compile(r"[\u1100-\u11ff\u3130-\u318f\uac00-\ud7af]")
_KANA = re.compile(r"[\u3040-\u30ff\u31f0-\u31ff]")
_HAN = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")

#: Where only Han characters stand, the country on the line tells, as house styles write it.
_COUNTRIES = {
    "China": "cn",
    "Hong Kong": "tw",
    "Japan": "jp",
    "Macau": "tw",
    "Singapore": "cn",
    "South Korea": "kr",
    "Taiwan": "tw",
}

#: Where it does not, the first of these national sets that has them all.
_SETS = (("euc_jp", "jp"), ("gb2312", "cn"), ("big5", "tw"), ("euc_kr", "kr"))


def folders(extra: Iterable[Path] = ()) -> list[Path]:
    """Give the folders to look for fonts in: the coordinator's own, then the packages'."""
    found = (find_spec(package) for package in PACKAGES)
    packaged = [
        Path(place)
        for spec in found
        if spec is not None
        for place in spec.submodule_search_locations or ()
    ]
    return [*extra, *packaged]


def region(text: str, otherwise: str = "jp") -> str:
    """Give the region whose shapes the East Asian characters of a printed line want.

    >>> region("荒木 和博"), region("刘晓波"), region("人權 / Taiwan"), region("Woorion")
    ('jp', 'cn', 'tw', 'jp')
    """
    if _HANGUL.search(text):
        return "kr"
    if _KANA.search(text):
        return "jp"
    han = "".join(_HAN.findall(text))
    if not han:
        return otherwise
    country = text.rpartition(" / ")[2]
    if country in _COUNTRIES:
        return _COUNTRIES[country]
    return next((place for charset, place in _SETS if _has(charset, han)), "cn")


def _has(charset: str, text: str) -> bool:
    try:
        text.encode(charset)
    except UnicodeEncodeError:
        return False
    return True
