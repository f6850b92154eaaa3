"""The letter on paper."""

import io
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest
from pypdf import PdfReader
from pypdf.generic import IndirectObject

from tests import pictures
from undersigned.domain.listing import Kind
from undersigned.errors import PermanentFailure
from undersigned.writing.letter_pdf import as_pdf, first_direction
from undersigned.writing.printed import PrintedLetter


def read(pdf: bytes) -> PdfReader:
    """Open a PDF."""
    return PdfReader(io.BytesIO(pdf), strict=True)


def words(pdf: bytes) -> str:
    """Give the words of a PDF on one line, as they are copied from it."""
    return " ".join(" ".join(page.extract_text() for page in read(pdf).pages).split())


def value(thing: object) -> Mapping[str, object]:
    """Follow a reference."""
    found = thing.get_object() if isinstance(thing, IndirectObject) else thing
    assert isinstance(found, Mapping)
    return found


def test_it_holds_every_word_on_three_pages(
    printed: PrintedLetter, typst_template: Path, golden: Path
) -> None:
    """The example letter prints whole, in its order, with every name."""
    pdf = as_pdf(printed, typst_template)

    assert len(read(pdf).pages) == 3
    assert words(pdf) == " ".join((golden / "letter.pdf.txt").read_text("utf-8").split())


#: Another version of a font engine may draw a hair otherwise; a moved line is far above this.
TOLERANCE = 0.002


@pytest.mark.parametrize("kind", ["letter", "letter-to-a-mission"])
def test_it_looks_as_it_was_looked_at(
    printed: PrintedLetter, typst_template: Path, golden: Path, kind: str
) -> None:
    """Every page is the picture that a person has seen and found good.

    After a change that is meant, delete the pictures and run this twice: it draws what is missing,
    and somebody must look at it.
    """
    mission = ("H.E. Ms. Ana Example", "Permanent Representative", "Permanent Mission of France")
    personal = replace(printed, addressee=mission, salutation="Your Excellency,")
    pdf = as_pdf(printed if kind == "letter" else personal, typst_template)

    drawn = pictures.pages(pdf)
    kept = [golden / f"{kind}-{number}.png" for number in range(1, len(drawn) + 1)]
    missing = [path for path in kept if not path.exists()]
    for path in missing:
        pictures.write(drawn[kept.index(path)], path)

    assert missing == []
    assert len(list(golden.glob(f"{kind}-[0-9].png"))) == len(drawn)
    for one, path in zip(drawn, kept, strict=True):
        assert pictures.difference(one, pictures.read(path)) < TOLERANCE, path.name


def test_a_moved_line_shows_in_the_picture(printed: PrintedLetter, typst_template: Path) -> None:
    """The tolerance is no blindfold: a name more changes the page."""
    groups = {Kind.INDIVIDUAL: ["Aa / UK", *printed.groups[Kind.INDIVIDUAL]]}
    more = replace(printed, groups={**printed.groups, **groups})

    first, second = (pictures.pages(as_pdf(one, typst_template)) for one in (printed, more))

    assert pictures.difference(first[1], second[1]) > 5 * TOLERANCE
    assert pictures.difference(first[0], first[0]) == 0


def _structure(element: object) -> set[str]:
    """Give the kinds of elements below one of a PDF's structure tree."""
    found = element.get_object() if isinstance(element, IndirectObject) else element
    if isinstance(found, list):
        return {kind for one in found for kind in _structure(one)}
    if not isinstance(found, Mapping):
        return set()
    kind = {str(found["/S"])} if "/S" in found else set()
    return kind | _structure(found.get("/K", []))


def test_it_is_tagged_element_by_element(printed: PrintedLetter, typst_template: Path) -> None:
    """A screen reader can go from heading to heading, and knows title from paragraph."""
    reader = read(as_pdf(printed, typst_template))
    tree = value(value(reader.trailer["/Root"])["/StructTreeRoot"])

    kinds = _structure(tree["/K"])

    assert {"/Document", "/Title", "/H1", "/P"} <= kinds, kinds


def test_it_holds_every_name(printed: PrintedLetter, typst_template: Path) -> None:
    """What can be copied from the PDF is what was signed."""
    text = words(as_pdf(printed, typst_template))

    assert all(line in text for lines in printed.groups.values() for line in lines)


def test_it_is_the_same_bytes_again(printed: PrintedLetter, typst_template: Path) -> None:
    """What a mission got can be rebuilt and compared."""
    assert as_pdf(printed, typst_template) == as_pdf(printed, typst_template)


def test_it_is_tagged_titled_and_in_its_language(
    printed: PrintedLetter, typst_template: Path
) -> None:
    """A blind reader's software knows what the document is and how to read it (PDF/UA-1)."""
    reader = read(as_pdf(printed, typst_template))
    catalog = value(reader.trailer["/Root"])

    assert reader.metadata is not None
    assert reader.metadata.title == printed.letter.title
    assert reader.metadata.author == printed.organizer
    assert catalog["/Lang"] == "en"
    assert value(catalog["/MarkInfo"])["/Marked"]
    assert value(catalog["/ViewerPreferences"])["/DisplayDocTitle"]
    assert b"pdfuaid" in reader.trailer["/Root"]["/Metadata"].get_data()


@pytest.mark.parametrize(("paper", "points"), [("A4", (595, 842)), ("Letter", (612, 792))])
def test_it_fits_the_paper(
    printed: PrintedLetter, typst_template: Path, paper: str, points: tuple[int, int]
) -> None:
    """New York prints on Letter, the rest of the world on A4."""
    box = read(as_pdf(printed, typst_template, paper=paper)).pages[0].mediabox

    assert (round(box.width), round(box.height)) == points


NAMES = [
    "북한인권시민연합 / South Korea",
    "荒木 和博, 拓殖大学教授 / Japan",
    "刘晓波 / China",
    "臺灣人權促進會 / Taiwan",
    "Ủy ban Nhân quyền / Viet Nam",
    "Łódź Çeşme Šiška Ørsted Íslands / Türkiye",
    "Мемориал / Russia",
    "Ελληνική Ένωση / Greece",
    "საქართველო / Georgia",
    "Հայաստան / Armenia",
]

#: Letters that change their shape or place; what is copied from a PDF may have another order.
SHAPED = [
    "مركز القاهرة لدراسات حقوق الإنسان / Egypt",
    "זכויות אדם / Israel",
    "มูลนิธิผสานวัฒนธรรม / Thailand",
    "मानवाधिकार / India",
    "လူ့အခွင့်အရေး / Burma",
    "សិទ្ធិមនុស្ស / Cambodia",
]


def test_names_of_all_scripts_print(printed: PrintedLetter, typst_template: Path) -> None:
    """Nobody's name is missing because of the alphabet it is written in."""
    all_of_them = replace(printed, groups={Kind.ORGANIZATION: [*NAMES, *SHAPED]})

    text = words(as_pdf(all_of_them, typst_template))

    assert all(name in text for name in NAMES)
    assert all(name.rpartition(" ")[2] in text for name in SHAPED)


@pytest.mark.parametrize(
    ("name", "told"),
    [("Tibet བོད་", "“བ” (U+0F56)"), ("A\u0378B", "(U+0378)"), ("\U00013080", "(U+13080)")],
)
def test_it_names_a_character_that_no_font_has(
    printed: PrintedLetter, typst_template: Path, name: str, told: str
) -> None:
    """There is never a gap in a name in the ambassador's hand."""
    odd = replace(printed, groups={Kind.ORGANIZATION: [name]})

    with pytest.raises(PermanentFailure, match="no font has") as caught:
        as_pdf(odd, typst_template)

    assert told in str(caught.value)


def test_it_says_what_is_wrong_with_a_template(printed: PrintedLetter, tmp_path: Path) -> None:
    """A coordinator who restyles the letter learns what typst did not like."""
    template = tmp_path / "letter.typ"
    template.write_text("#nonsense", "utf-8")

    with pytest.raises(PermanentFailure, match="unknown variable: nonsense"):
        as_pdf(printed, template)


RICH = """# A heading

*One* and **two**, [a report](https://reports.example/coi).\\
Next line.

1. first
2. second

- loose

- list

> Quoted words.

---

## Smaller

- tight
- list
"""


def test_it_prints_all_that_markdown_may_hold(printed: PrintedLetter, typst_template: Path) -> None:
    """Emphasis, lists, headings, quotations and links print; a link can be clicked."""
    rich = replace(printed, letter=replace(printed.letter, text=RICH))

    pdf = as_pdf(rich, typst_template)

    text = words(pdf)
    for part in ("A heading", "One and two, a report. Next line.", "1. first 2. second", "Quoted"):
        assert part in text
    links = [value(one)["/A"] for one in value(read(pdf).pages[0])["/Annots"]]
    assert [value(link)["/URI"] for link in links] == ["https://reports.example/coi"]


def test_a_long_list_prints_in_columns(printed: PrintedLetter, typst_template: Path) -> None:
    """Hundreds of names do not make a book."""
    names = [f"Association number {number} / Japan" for number in range(300)]
    long = replace(printed, groups={Kind.ORGANIZATION: names})

    pdf = as_pdf(long, typst_template)

    assert len(read(pdf).pages) < 7
    text = words(pdf)
    assert all(f"number {number} " in text for number in range(300))


@pytest.mark.parametrize("language", ["ko", "ar", "zh-Hant"])
def test_it_prints_in_other_languages(
    printed: PrintedLetter, typst_template: Path, language: str
) -> None:
    """A letter in Korean is a Korean document, one in Arabic stands on the right."""
    own = replace(printed, language=language, addressee=["H.E. Ms. Ana Example", "Mission"])

    catalog = value(read(as_pdf(own, typst_template)).trailer["/Root"])

    assert str(catalog["/Lang"]).split("-")[0] == language.split("-", maxsplit=1)[0]


@pytest.mark.parametrize(
    ("line", "way"),
    [
        ("Human Asia / South Korea", "ltr"),
        ("1969 مركز / Egypt", "rtl"),
        ("זכויות אדם / Israel", "rtl"),
        ("1969", "ltr"),
    ],
)
def test_a_line_runs_as_its_first_letter_does(line: str, way: str) -> None:
    """An English name in an Arabic letter is not turned round its slash."""
    assert first_direction(line) == way
