"""Parts of a listing named one by one: quoted names, `my title is …`, `X, not Y`."""

import re
from collections.abc import Iterator

from undersigned.domain.house_style import Countries
from undersigned.reading.entry import ENDS, QUOTED, Entry, cleaned, entry_of
from undersigned.reading.entry_names import UNMEANT_BEHIND, recased, replaced, respelt, restated
from undersigned.reading.entry_sentences import leads, sentences_of
from undersigned.reading.language import names_a_role
from undersigned.reading.names import shares_word

_LATIN_RUN = re.compile(
    r"[A-Za-zÀ-ɏḀ-ỿ][A-Za-zÀ-ɏḀ-ỿ0-9'’&.\-–/ ]*(?:,\s[A-Za-zÀ-ɏḀ-ỿ0-9'’&.\-–/ ]+)*(?:\s?\([^()\n]{1,60}\))?[A-Za-zÀ-ɏḀ-ỿ0-9'’&.\-–/ ]*"  # noqa: E501 - a pattern is read whole
)
_UNSPACED = re.compile(
    "[\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\u0400-\u04ff\u0600-\u06ff]"
)
#: "Lamps, with an s at the end": how a name is spelt is no part of it.
_DESCRIBED = re.compile(
    r",\s+(?:with|without|mit|ohne|com|sem|con|sin|avec|sans|dengan|au (?:pluriel|singulier)|(?:plural|singular)\b|in the (?:plural|singular))\s?.*"  # noqa: E501 - a pattern is read whole
)
#: "Unyoked, and that is what we go by": where a name ends in a sentence.
_GOES_ON = re.compile(r",\s+(?:and|so|which|but|that|if|as|because|since)\s")
#: "Belgium last year": since when is no part of a country.
_WHEN = re.compile(
    r",?\s+(?:last|this|since|now|recently|again|in (?:19|20)\d\d)\b.*", re.IGNORECASE
)
#: What stands before "based in Poland" where they are not.
_DENIED = re.compile(r"(?:\bnot|n['’]t|\bno longer|\bnever)\s*$", re.IGNORECASE)
#: "'…'가 아니라 X": what is quoted and not meant.
_LESS_QUOTED = re.compile(
    r"\s*[\"'“‘「『《][^\"'”’」』》]{1,60}[\"'”’」』》]\s?"
    r"(?:말고|(?:이|가) ?아니라|(?:이|가) 아닌|ではなく|でなく)"
)
#: "Malta, not Canada": what is not meant.
_LESS = re.compile(
    r"(?:\s*,)?\s+(?:(?:and|y|et|und|e)\s+)?(?:not|no|non|nicht|não|bukan|instead of|rather than|en lugar de|en vez de|au lieu de|statt|em vez de)\s.*"  # noqa: E501 - a pattern is read whole
)


def quotations(text: str, invited_name: str, countries: Countries) -> Iterator[Entry]:
    """Give the quoted names that have something in common with the invited one, and a title.

    The invited name itself, quoted beside another, is what is to be changed.
    """
    names: list[Entry] = []
    titles: list[Entry] = []
    replaces = False
    for match in QUOTED.finditer(text):
        value = next(group for group in match.groups() if group).strip()
        before = text[max(0, match.start() - 30) : match.start()].casefold()
        if _UNMEANT.search(before) or countries.code_of(value) is not None:
            continue
        if not shares_word(value, invited_name):
            if names_a_role(value):
                replaces = replaces or _REPLACED.match(text, match.end()) is not None
                titles.append(Entry(title=value, source="quotation", words=match.group(0)))
            continue
        if len(value.split()) < 2 and len(value) < len(invited_name) // 2:  # noqa: PLR2004 - one word of a name
            continue
        after = re.match(r"\s*[/／]\s*([^\n,.;/]{2,40})", text[match.end() : match.end() + 60])
        country = countries.styled(after.group(1).strip(ENDS)) if after else None
        names.append(Entry(whole=value, country=country, source="quotation", words=match.group(0)))
    yield from [one for one in names if one.whole != invited_name or len(names) == 1]
    if len(titles) == 1 and not replaces:
        yield titles[0]


#: Before a quotation: it is not what is meant.
_UNMEANT = re.compile(
    r"\b(not|without|no|non|nicht|não|nem|pas|sin|ohne|sem|sans|без|tanpa|instead of|statt|не|bukan|plus)\s*$"  # noqa: E501 - a pattern is read whole
)


#: Behind a quotation: another takes its place, and how much of the title goes is a guess.
_REPLACED = re.compile(
    r"\s*(?:with|by|to|for|into|durch|in|par|por|a|на|menjadi|dengan|→|->)\s+(?:an? )?[\"“”„«‘']",
    re.IGNORECASE,
)


def named_parts(text: str, invited_name: str, countries: Countries) -> Iterator[Entry]:
    """Give the parts named one by one: `my title is …`, `氏名は … と`, `X, not Y`."""
    fields: dict[str, str] = {}
    for line in text.split("\n"):
        if _UNSPACED.search(line):
            fields |= _in_script(line, invited_name, countries)
        else:
            for piece in sentences_of(line):
                fields |= _in_words(piece, countries)
    swapped = replaced(text, invited_name)
    changed = (
        recased(text, invited_name)
        or restated(text, invited_name)
        or swapped
        or respelt(text, invited_name)
    )
    said = fields.pop(_SAID, "")
    if "name" not in fields and changed:
        fields["name"] = changed
    if changed and changed in fields.get("title", ""):
        del fields["title"]
    if fields:
        yield Entry(
            name=fields.get("name"),
            whole=fields.get("name"),
            title=fields.get("title"),
            country=countries.styled(fields["country"]) if "country" in fields else None,
            strange_country=_strange(fields.get("country"), countries),
            source="replacement" if swapped and fields.get("name") == swapped else "field",
            words=said,
        )


#: Where the words stand in which a name was read: "our name is right".
_SAID = "said"


def _strange(country: str | None, countries: Countries) -> str | None:
    """Give a country that is none, as of two in one sentence no machine may choose."""
    return country if country and countries.code_of(country) is None else None


def _in_script(line: str, invited_name: str, countries: Countries) -> dict[str, str]:
    """Read the Latin words in a line of another script: they are what is to be printed."""
    fields: dict[str, str] = {}
    end_before = 0
    country = _country_in_script(line, countries)
    if country:
        fields["country"] = country
    for match in _LATIN_RUN.finditer(line):
        value = match.group(0).strip(" ,.-/")
        before = _LESS_QUOTED.sub(" ", line[end_before : match.start()])
        end_before = match.end()
        if len(value) < 2:  # noqa: PLR2004 - a letter
            continue
        kind = _announced(before)
        if (
            kind is None
            and value != invited_name
            and shares_word(value, invited_name)
            and len(value.split()) > 1
        ):
            kind = "name"
        if kind == "name" and _REPLACED_IN_SCRIPT.match(line, match.end()):
            continue  # "이름은 X가 아니라 Y": Y is the name
        if kind == "country" and countries.code_of(value) is None:
            continue
        whole = entry_of(value, countries, loose=False) if kind == "name" else None
        if whole is not None and whole.whole and whole.country:
            fields |= {"name": whole.whole, "country": whole.country}
        elif kind is not None and not (
            kind == "name" and value == invited_name and "name" in fields
        ):
            fields[kind] = _joined(fields[kind], value) if kind in fields else value
    return fields


def _country_in_script(line: str, countries: Countries) -> str | None:
    """Give the country that a line asks for in its own script: `国名はミャンマーとしてください`."""
    for lead in leads("country").finditer(line):
        start = lead.end() + len(line[lead.end() :]) - len(line[lead.end() :].lstrip(_BEFORE_VALUE))
        for end in range(min(start + _LONGEST_COUNTRY, len(line)), start + 1, -1):
            value = line[start:end].strip(_AROUND_VALUE)
            if not value.isascii() and countries.code_of(value) is not None:
                behind = line[end:].lstrip(_AROUND_VALUE)
                ends = (leads("after"), leads("is"))
                if not behind or behind[0] in _ENDS_VALUE or any(one.match(behind) for one in ends):
                    return value
                break
    return None


#: No country has a longer name in a script of its own.
_LONGEST_COUNTRY = 16
_BEFORE_VALUE = " :：,，、"
_AROUND_VALUE = " \"“”'‘’「」『』"
_ENDS_VALUE = ".,;。，、；！!"
_REPLACED_IN_SCRIPT = re.compile(rf"[\"”'’」』]?\s?(?:{UNMEANT_BEHIND})")


def _joined(one: str, other: str) -> str:
    """Give an office and its institution as a title; of two that compete no machine may choose.

    >>> _joined("Research Professor", "University of Elm")
    'Research Professor, University of Elm'
    """
    if one == other:
        return one
    is_title = names_a_role(one) and not names_a_role(other)
    return f"{one}, {other}" if is_title else f"{one} | {other}"


def _announced(before: str) -> str | None:
    """Give the field that was named last before a value."""
    last: tuple[int, str] | None = None
    for kind in ("title", "name", "country"):
        for match in leads(kind).finditer(before):
            if last is None or match.end() >= last[0]:
                last = (match.end(), kind)
    return last[1] if last and len(before) - last[0] < 14 else None  # noqa: PLR2004 - a particle, a verb


def _in_words(piece: str, countries: Countries) -> dict[str, str]:
    fields: dict[str, str] = {}
    marks = sorted(
        (match.start(), match.end(), kind)
        for kind in ("name", "title", "country")
        for match in leads(kind).finditer(piece)
    )
    for place, (begin, end, kind) in enumerate(marks):
        stop = marks[place + 1][0] if place + 1 < len(marks) else len(piece)
        value = re.sub(
            r"[\s,;]+(?:and|dan|y|e|et|und|и|но|with|my|the|mi|mon|mein|saya)?\s*$",
            "",
            piece[end:stop].strip(" :,.;!?"),
        ).strip()
        value = cleaned(value).rstrip(".")
        if kind == "name":
            value = _GOES_ON.split(value, maxsplit=1)[0]
            value = _DESCRIBED.sub("", value.partition("; ")[0])
        if kind == "country" and _DENIED.search(piece[:begin]):
            continue  # "we are not based in Poland"
        if kind == "country":
            value = _WHEN.sub("", _LESS.sub("", _GOES_ON.split(value, maxsplit=1)[0]))
            if countries.code_of(value) is not None:
                fields[kind] = _joined(fields[kind], value) if kind in fields else value
            elif countries.code_of(value.partition(" ")[0]) is not None:
                fields[kind] = value  # "Belgium and France": a person chooses
        elif (
            1 < len(value) < 160  # noqa: PLR2004 - a name, not a story
            and end < stop
            and (kind not in fields or QUOTED.search(piece[end:stop]))  # what is quoted is meant
        ):
            fields[kind] = value
            if kind == "name":
                fields[_SAID] = piece[begin:stop]
    return fields
