"""Where the sender's words end."""

import pytest

from undersigned.reading import signatures
from undersigned.reading.own_words import own_words


def said(text: str, name: str = "Rik Terpstra") -> str:
    """Give the own words of a text."""
    return own_words(text, sender_name=name).text


@pytest.mark.parametrize(
    "below",
    [
        "-- \nRik Terpstra\nDirector",
        "--\nRik",
        "\u2014\nRik Terpstra\nDirector",
        "Sent from my iPhone",
        "Get Outlook for iOS",
        "Get Outlook for iOS<https://aka.example>",
        "Von meinem iPhone gesendet",
        "Envoyé de mon iPhone",
        "Enviado desde mi iPhone",
        "Enviado do meu iPhone",
        "나의 iPhone에서 보냄",
        "iPhoneから送信",
        "发自我的iPhone",
        "從我的 iPhone 傳送",
        "أُرسلت من الـ iPhone",
        "Отправлено с iPhone",
        "Dikirim dari iPhone saya",
        "ส่งจาก iPhone ของฉัน",
        "Rik Terpstra\nDirector\nOpen Archive\n+31 20 555 01 23",
        "Dr. Rik Terpstra\nDirector\nwww.archive.example",
        "Open Archive\nKeizersgracht 1\nTel: +31 20 555 01 23",
        "This e-mail is confidential and intended solely for the addressee. Please delete it.",
        "Diese E-Mail ist vertraulich. Wenn Sie nicht der richtige Adressat sind, löschen Sie sie.",
        "Ce message est confidentiel. Si vous n'êtes pas le destinataire, merci de le détruire.",
        "Este mensaje es confidencial. Si no es el destinatario, elimine el mensaje.",
        "본 메일은 기밀 정보를 포함하고 있으며, 수신인이 아닌 경우 삭제하여 주시기 바랍니다.",
        "________________________________\nboard mailing list\nboard@archive.example",
        "You received this message because you are subscribed to the group.",
        "Rik Terpstra | Director\nI work Mondays to Wednesdays.",
        "Rik Terpstra | Director\nOpen Archive\nWe acknowledge the Traditional Custodians.",
        "You are receiving this because you know us. To stop hearing from us, write to the office.",
        "Sent from my iPhone\n\nThis e-mail is confidential and only for the addressee, you know.",
    ],
)
def test_it_cuts_what_stands_below_the_words(below: str) -> None:
    """Names, telephones and lawyers' sentences are not what the signer said."""
    assert said(f"Yes, we sign.\n\n{below}\n") == "Yes, we sign."


@pytest.mark.parametrize(
    "text",
    [
        "Yes.\n\nKind regards,\nRik",
        "Yes, list me as:\n\nRik Terpstra\nDirector, Open Archive\nNetherlands",
        "Unsubscribe from this list, please.",
        "I no longer wish to get your mails. Please unsubscribe me from the list of the coalition.",
        "Yes.\n\nRik Terpstra\nDirector\nPS wait, please do not list us",
        "Yes.\n\nRik Terpstra\nOpen Archive\nOn second thoughts we cannot sign this.",
        "Yes.\n\nOpen Archive / Netherlands\nBeacon Trust / Kenya\nwww.archive.example",
        "Yes.\n\nName: Open Archive\nCountry: Chile\nTel: +31 20 555 01 23",
        "Yes, this is confidential until you publish.",
        "Rik Terpstra\nDirector\n+31 20 555 01 23",
        "--\n",
        "Yes\n- one\n- two",
    ],
)
def test_it_keeps_what_the_sender_says(text: str) -> None:
    """A listing, a postscript, a second thought: better too much than a lost no."""
    assert " ".join(said(text).split()) == " ".join(text.split())


def test_it_takes_the_words_out_of_their_wrapping() -> None:
    """Armour and a gateway's banner stand around the words."""
    text = (
        "CAUTION: This email originated from outside of the organization.\n"
        "-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\nYes, we sign.\n"
        "-----BEGIN PGP SIGNATURE-----\nabc\n-----END PGP SIGNATURE-----\n"
    )
    assert said(text) == "Yes, we sign."


def test_it_gives_what_it_cut() -> None:
    """A person may want to see the office of the signer."""
    found = own_words("YES\n\n-- \nRik Terpstra\nDirector\n\n> To sign, reply YES")

    assert found.text == "YES"
    assert found.signature == "-- \nRik Terpstra\nDirector"
    assert found.quoted == "To sign, reply YES"


def test_it_looks_for_a_block_in_the_last_piece_alone() -> None:
    """Between quoted lines a name is an answer."""
    body = "Open Archive\nKeizersgracht 1\nTel: +31 20 555 01 23"

    assert signatures.split(f"Yes\n\n{body}", "", last=False) == (f"Yes\n\n{body}", "")
    assert signatures.split(f"Yes\n\n{body}", "", last=True)[0] == "Yes"
    assert said(f"> Who?\n{body}\n> Do you sign?\nYes") == f"{body}\n\nYes"


def test_it_finds_the_block_above_a_disclaimer_below_the_quote() -> None:
    """Gateways put their sentence at the very end."""
    text = (
        "Yes, we sign.\n\nRik Terpstra\nDirector\n+31 20 555 01 23\n\n"
        "On 26 May 2026, Hana <a@b.example> wrote:\n> To sign, reply YES.\n\n"
        "This e-mail is confidential and intended solely for the addressee. Please delete it."
    )
    assert said(text) == "Yes, we sign."


@pytest.mark.parametrize(
    "said_last",
    ["賛同団体に加わることを決定いたしました。", "저희도 서명합니다.", "เรายินดีร่วมลงนามค่ะ"],
)
def test_it_keeps_a_sentence_whose_words_no_spaces_part(said_last: str) -> None:
    """Japanese, Korean and Thai sentences have no five words, and are no signature."""
    letter = f"事務局\n\n{said_last}\n\nオープン文庫\n和久井\nTEL 045-555-0182"

    assert said_last in said(letter, "和久井")
