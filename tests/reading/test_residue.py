"""A yes beside words that nothing explains is no plain yes."""

import pytest

from undersigned.reading.signs import signs

#: What people write who have not said yes to this letter now.
NEAR = (
    "Yes, this is the right address for our director.",
    "We signed a similar letter last year.",
    "We were going to sign, but things changed.",
    "Yes in spirit.",
    "Add us to your newsletter!",
    "Agreed to disagree.",
    "We do sign letters, sometimes.",
    "Include us next time.",
    "We signed already through the other coalition.",
    "We would be proud to sign had we not left the coalition.",
    "We confirm our participation in the webinar.",
    "Firmamos una carta parecida el año pasado.",
    "Wir sind dabei zu prüfen.",
    "Ja, das bin ich.",
    "前回の書簡には署名しました。",
    "署名する方向で調整しています。",
    "작년에는 서명했습니다.",
    "去年我们签署过类似的信。",
    "是的，我是负责人。",
    "Да, это я.",
    "Tahun lalu kami menandatangani surat serupa.",
    "ปีที่แล้วเราลงนามจดหมายคล้ายกัน",
)

#: What people write who have.
PLAIN = (
    "We gladly add our signature to the joint letter.",
    "Yes, Hana!",
    "The board has approved signing. Please add us.",
    "Sie können uns gerne als Unterzeichner aufführen.",
    "Nous signons avec plaisir.",
    "当団体も署名に参加させていただきます。",
    "명단에 저희 단체를 포함해 주세요.",
    "我們願意連署。",
    "Мы согласны подписать письмо.",
    "ขอร่วมลงชื่อด้วยครับ",
)


@pytest.mark.parametrize("words", NEAR)
def test_it_holds_a_yes_that_is_not_understood_to_the_end(words: str) -> None:
    """What nobody can explain is left to a person, however much of a yes stands beside it."""
    found = signs(words, hint=None)

    assert not found.any("consent", "bare_yes", "not_no", "list_us") or found.any(
        "unexplained_words", "undecided", "hedge", "condition", "unclear_yes"
    )


@pytest.mark.parametrize("words", PLAIN)
def test_it_lets_a_plain_yes_through(words: str) -> None:
    """Words of no weight stand in nobody's way."""
    found = signs(words, hint=None)

    assert found.any("consent", "bare_yes", "not_no", "list_us")
    assert not found.any("unexplained_words")
