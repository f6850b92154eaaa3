"""Emails from templates."""

from dataclasses import dataclass
from pathlib import Path

import pytest

from undersigned.errors import PermanentFailure
from undersigned.writing.render import Templates


@dataclass(frozen=True, kw_only=True)
class Greeting:
    """What the test's own email says."""

    name: str


def write(folder: Path, files: dict[str, str]) -> Path:
    """Write template files below `email/`."""
    for file, text in files.items():
        path = folder / "email" / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    return folder


WORDS = "{% import words_file as words with context %}"
SMALL = {
    "hello/subject.txt": WORDS + "\nHello\n{{ name }}\n",
    "hello/body.txt": WORDS + "\n\n\n{{ words.hello }} \n\n\n\nEnd\n\n",
    "hello/body.html": WORDS + "<p dir={{ direction }}>{{ words.hello }}",
    "hello/en/words.txt": "{% set hello %}Hello {{ name }}{% endset %}",
    "hello/ar/words.txt": "{% set hello %}مرحبا {{ name }}{% endset %}",
}


def test_it_makes_subject_text_and_html(tmp_path: Path) -> None:
    """One context gives the three parts of a mail, with exact newlines in the text."""
    templates = Templates([write(tmp_path, SMALL)])

    rendered = templates.render("hello", Greeting(name="Ana"))

    assert rendered.subject == "Hello Ana"
    assert rendered.text == "Hello Ana\n\nEnd\n"
    assert rendered.html == "<p dir=ltr>Hello Ana\n"
    assert rendered.language == "en"


def test_it_escapes_html_and_nothing_else(tmp_path: Path) -> None:
    """A name with a tag in it is harmless in HTML and itself in plain text."""
    templates = Templates([write(tmp_path, SMALL)])

    rendered = templates.render("hello", Greeting(name="<b>&"))

    assert "Hello &lt;b&gt;&amp;" in rendered.html
    assert "Hello <b>&" in rendered.text
    assert rendered.subject == "Hello <b>&"


def test_it_puts_a_subject_on_one_line(tmp_path: Path) -> None:
    """A line feed in a name cannot start another header."""
    templates = Templates([write(tmp_path, SMALL)])

    rendered = templates.render("hello", Greeting(name="Ana\r\nBcc: all@example.org"))

    assert rendered.subject == "Hello Ana Bcc: all@example.org"


def test_it_writes_in_the_closest_language(tmp_path: Path) -> None:
    """A reader of Egyptian Arabic gets the Arabic words, from right to left."""
    templates = Templates([write(tmp_path, SMALL)])

    rendered = templates.render("hello", Greeting(name="Ana"), "ar-EG")

    assert rendered.html == "<p dir=rtl>مرحبا Ana\n"
    assert rendered.language == "ar"


@pytest.mark.parametrize(
    ("wanted", "found"),
    [(("ar",), "ar"), (("fr", "ar-EG"), "ar"), ((None, "ar"), "ar"), (("fr",), "en"), ((), "en")],
)
def test_it_takes_the_first_language_that_it_has(
    tmp_path: Path, wanted: tuple[str | None, ...], found: str
) -> None:
    """The party's language goes before the campaign's, and English stands behind both."""
    templates = Templates([write(tmp_path, SMALL)])

    assert templates.language_for("hello", *wanted) == found


def test_it_lets_a_language_have_its_own_layout(tmp_path: Path) -> None:
    """Where words do not fit the common layout, a language brings its own."""
    own = SMALL | {"hello/ar/body.txt": "{{ name }} مرحبا"}
    templates = Templates([write(tmp_path, own)])

    assert templates.render("hello", Greeting(name="Ana"), "ar").text == "Ana مرحبا\n"


def test_it_looks_in_the_operators_folder_first(tmp_path: Path) -> None:
    """A coordinator changes one file of words and keeps the rest."""
    own = write(
        tmp_path / "own", {"hello/en/words.txt": "{% set hello %}Hi {{ name }}{% endset %}"}
    )
    shipped = write(tmp_path / "shipped", SMALL)

    rendered = Templates([own, shipped]).render("hello", Greeting(name="Ana"))

    assert rendered.text == "Hi Ana\n\nEnd\n"


@pytest.mark.parametrize(
    ("file", "text", "told"),
    [
        ("hello/body.txt", "{{ nobody }}", "email/hello/body.txt"),
        ("hello/body.txt", "{% if %}", "email/hello/body.txt, line 1"),
        ("hello/en/words.txt", "{% set hello %}{{ nobody }}{% endset %}", "'nobody' is undefined"),
        ("hello/ar/words.txt", "{% set", "email/hello/ar/words.txt"),
    ],
)
def test_it_names_the_template_that_is_wrong(
    tmp_path: Path, file: str, text: str, told: str
) -> None:
    """A mail with a gap never leaves: a name that is not there is an error."""
    templates = Templates([write(tmp_path, SMALL | {file: text})])

    with pytest.raises(PermanentFailure, match="The template") as caught:
        templates.render("hello", Greeting(name="Ana"), "ar" if "/ar/" in file else "en")

    assert told in str(caught.value)


def test_it_names_an_email_that_is_not_there(tmp_path: Path) -> None:
    """A missing folder is said to be missing."""
    with pytest.raises(PermanentFailure, match=r"email/hello/subject\.txt"):
        Templates([tmp_path]).render("hello", Greeting(name="Ana"))


def test_it_lists_the_columns_that_an_email_needs(tmp_path: Path) -> None:
    """`check` can say that a column of prospects.csv is missing before a mail fails."""
    own = SMALL | {
        "hello/body.txt": '{% include "email/_base/more.txt" %}{{ prospect.more.region }}',
        "hello/body.html": (
            "{{ prospect.more['city'] }}{{ prospect.name }}{{ other.more.x }}"
            '{% include "email/_base/more.txt" %}'
        ),
        "_base/more.txt": "{{ prospect.more.topic }}{{ prospect['more'] }}{{ more[name] }}",
        "_base/en/words.txt": "{{ prospect.more.region }}",
    }
    templates = Templates([write(tmp_path, own)])

    assert templates.required_fields("hello") == {"region", "city", "topic"}


def test_it_says_which_template_it_could_not_look_into(tmp_path: Path) -> None:
    """`check` names a broken template too."""
    templates = Templates([write(tmp_path, SMALL | {"hello/body.html": "{% if %}"})])

    with pytest.raises(PermanentFailure, match=r"email/hello/body\.html, line 1"):
        templates.required_fields("hello")


def test_the_shipped_emails_need_no_column(templates: Templates) -> None:
    """A prospects.csv with the usual columns is enough."""
    assert templates.required_fields("invitation", "ko") == frozenset()
