"""Octets to text, whatever they claim to be."""

import unicodedata

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from undersigned.reading.charsets import decode
from undersigned.reading.likely_charset import likely_charset

KO, JA, ZH, TW = (
    "네, 서명에 동의합니다. 감사합니다.",
    "賛同します。よろしくお願いいたします。",
    "我们同意签署这封信。谢谢！",
    "我們同意簽署這封信。謝謝！",
)
RU, AR, TH, ES = (
    "Да, мы подписываем письмо. Спасибо.",
    "نعم، نوافق على التوقيع. شكرا",
    "ขอร่วมลงชื่อ ขอบคุณค่ะ",
    "Sí, firmamos la carta. ¡Gracias!",
)


@pytest.mark.parametrize(
    ("text", "really", "declared"),
    [
        ("서명합니다 똠방각하", "cp949", "ks_c_5601-1987"),
        ("서명합니다 똠방각하", "cp949", "euc-kr"),
        (KO, "iso2022_kr", "iso-2022-kr"),
        ("签署 镕 喆", "gbk", "gb2312"),
        ("签署 镕 喆", "gb18030", "GBK"),
        (ZH, "hz", "hz-gb-2312"),
        (TW, "big5", "big5"),
        (TH, "cp874", "windows-874"),
        (TH, "cp874", '"TIS-620"'),
        (JA, "iso2022_jp", "iso-2022-jp"),
        (JA, "cp932", "shift_jis"),
        (JA, "euc_jp", "euc-jp"),
        (RU, "koi8-r", "koi8-r"),
        (AR, "cp1256", "windows-1256"),
        ("“yes” – €", "cp1252", "iso-8859-1"),
        ("é", "mac_roman", "macintosh"),
        (KO, "utf-16", "utf-16"),
        ("yes", "utf-16le", "utf-16le"),
        (KO, "utf-8", "utf8"),
    ],
)
def test_it_reads_what_mail_programs_call_by_other_names(
    text: str, really: str, declared: str
) -> None:
    """A Korean, Japanese, Chinese or Thai signer's program need not be honest about its charset."""
    assert decode(text.encode(really), declared) == unicodedata.normalize("NFC", text)


@pytest.mark.parametrize("declared", ["", "us-ascii", "unknown-8bit", "x-nonsense"])
@pytest.mark.parametrize(
    ("text", "really"),
    [
        (KO, "cp949"),
        (JA, "cp932"),
        (JA, "euc_jp"),
        (JA, "iso2022_jp"),
        (ZH, "gbk"),
        (TW, "cp950"),
        (RU, "cp1251"),
        (RU, "koi8-r"),
        (AR, "cp1256"),
        (TH, "cp874"),
        (ES, "cp1252"),
        ("Ja, wir unterzeichnen. Mit freundlichen Grüßen", "cp1252"),
        (KO, "utf-8"),
        (ES, "utf-8"),
    ],
)
def test_it_tells_the_charset_of_text_without_a_label(
    text: str, really: str, declared: str
) -> None:
    """Old webmails and scripts say nothing of their charset, or "us-ascii"."""
    assert decode(text.encode(really), declared) == text


@pytest.mark.parametrize(
    ("text", "really", "declared"),
    [
        (ES, "utf-8", "iso-8859-1"),
        ("é", "utf-8", "windows-1252"),
        (KO, "utf-8", "euc-kr"),
        (ZH, "utf-8", "gb2312"),
        (ES, "cp1252", "utf-8"),
        (KO, "cp949", "utf-8"),
        (KO, "cp949", "iso-8859-1"),
        (RU, "cp1251", "iso-8859-1"),
    ],
)
def test_it_sees_through_a_wrong_label(text: str, really: str, declared: str) -> None:
    """Gateways put their own label on others' octets."""
    assert decode(text.encode(really), declared) == text


def test_it_reads_vendor_rows_of_japanese_mail() -> None:
    """NEC's circled digits and IBM's kanji stand in names ("髙", "①")."""
    raw = b"\x1b$B-!|b\x1b(B ok \x1b(I1\x1b(J\\ \x1b$B0!\n0"

    assert decode(raw, "iso-2022-jp").startswith("①髙 ok ｱ")
    assert decode("亜".encode("iso2022_jp_2") + b"\x1b$A0!\x1b(B", "iso-2022-jp") == "亜啊"


def test_it_refuses_charsets_that_smuggle() -> None:
    """UTF-7 turns plain letters into other words for some readers only."""
    assert decode(b"+AFkARQBT-", "utf-7") == "+AFkARQBT-"
    assert decode("é".encode(), "UTF-7") == "\ufffd\ufffd"


@pytest.mark.parametrize("name", ["base64", "zlib", "rot13", "unicode-escape", "idna", "a\x00b"])
def test_it_takes_no_codec_for_a_charset(name: str) -> None:
    """What unpacks or escapes is no charset."""
    assert decode(b"eJw=\\u0041", name) == "eJw=\\u0041"


def test_it_marks_what_is_lost_and_goes_on() -> None:
    """One broken octet costs one character."""
    assert decode("네, 서명".encode()[:-1], "utf-8") == "네, 서\ufffd"
    assert decode(b"\x93\x93 \xfc", "utf-8") is not None


def test_it_composes_letters_and_cuts_endless_marks() -> None:
    """Two spellings of one name are one; a tower of marks cannot stop the service."""
    assert decode("e\u0301".encode(), "utf-8") == "é"
    assert len(decode(("a" + "\u0315\u0300" * 500).encode(), "utf-8")) < 40


def _is_utf8(raw: bytes) -> bool:
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


@given(data=st.data())
@settings(max_examples=200)
def test_it_reads_like_the_standard_library_where_the_label_is_true(data: st.DataObject) -> None:
    """The standard codec is right when the label is."""
    name, letters = data.draw(
        st.sampled_from(
            [
                ("utf-8", KO + JA + ZH + RU + TH + AR + ES),
                ("cp949", KO),
                ("euc_jp", JA),
                ("cp932", JA),
                ("gb18030", ZH),
                ("cp950", TW),
                ("cp1251", RU),
                ("cp874", TH),
                ("cp1256", AR),
            ]
        )
    )
    raw = data.draw(st.text(alphabet=letters + "abc \n", max_size=60)).encode(name)
    # A few letters may be right in UTF-8 too, which wins: it is hardly ever right by chance.
    assume(name == "utf-8" or raw.isascii() or not _is_utf8(raw))

    assert decode(raw, name) == unicodedata.normalize("NFC", raw.decode(name))


@given(raw=st.binary(max_size=200), declared=st.sampled_from(["", "utf-8", "iso-2022-jp", "big5"]))
@settings(max_examples=150)
def test_it_never_fails(raw: bytes, declared: str) -> None:
    """Any octets give some text, in NFC."""
    text = decode(raw, declared)

    assert unicodedata.is_normalized("NFC", text)


def test_it_leaves_the_unlikely_to_others() -> None:
    """It says nothing where it knows nothing."""
    assert likely_charset(bytes(range(128, 256))) is None
    assert likely_charset(b"") is None
