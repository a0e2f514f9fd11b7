"""What texts weigh, by 3GPP TS 23.038, and whom an SMS reaches."""

import pytest

from saleor_1c_plugin.messaging.sms.numbers import mobile
from saleor_1c_plugin.messaging.sms.parts import Alphabet, Size, measure, thrifty

GSM7, UCS2 = Alphabet.GSM7, Alphabet.UCS2


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("", Size(GSM7, 0, 1)),
        ("a" * 160, Size(GSM7, 160, 1)),
        ("a" * 161, Size(GSM7, 161, 2)),
        ("a" * 306, Size(GSM7, 306, 2)),
        ("a" * 307, Size(GSM7, 307, 3)),
        ("ж" * 70, Size(UCS2, 70, 1)),
        ("ж" * 71, Size(UCS2, 71, 2)),
        ("ж" * 134, Size(UCS2, 134, 2)),
        ("ж" * 135, Size(UCS2, 135, 3)),
        # One Cyrillic letter makes all of it double.
        ("a" * 70 + "ж", Size(UCS2, 71, 2)),
        # Signs of the extension take two.
        ("€" * 80, Size(GSM7, 160, 1)),
        ("€" * 81, Size(GSM7, 162, 2)),
        ("[x]" * 32, Size(GSM7, 160, 1)),
        # Of 153 septets 76 such signs fill 152: none is torn apart.
        ("€" * 152, Size(GSM7, 304, 2)),
        ("€" * 153, Size(GSM7, 306, 3)),
        ("a" + "€" * 152, Size(GSM7, 305, 2)),
        # Beyond the basic plane a sign takes a pair of units, of which none is torn apart either.
        ("😀" * 35, Size(UCS2, 70, 1)),
        ("😀" * 36, Size(UCS2, 72, 2)),
        ("😀" * 66, Size(UCS2, 132, 2)),
        ("😀" * 67, Size(UCS2, 134, 3)),
        ("è Ω @ ñ § \n\r à", Size(GSM7, 14, 1)),
        # Looks like the default alphabet, and is not in it.
        ("`", Size(UCS2, 1, 1)),
        ("ç", Size(UCS2, 1, 1)),
        ("№", Size(UCS2, 1, 1)),
        ("\x1b", Size(UCS2, 1, 1)),
    ],
)
def test_what_a_text_weighs(text: str, size: Size) -> None:
    assert measure(text) == size


def test_the_default_alphabet_is_whole() -> None:
    basic = [sign for sign in map(chr, range(0x10000)) if measure(sign) == Size(GSM7, 1, 1)]
    extended = [sign for sign in map(chr, range(0x10000)) if measure(sign) == Size(GSM7, 2, 1)]
    # 128 places, less the escape; the second table has ten.
    assert (len(basic), len(extended)) == (127, 10)


def test_typography_that_costs_a_part_is_left_out() -> None:
    long = "Order “1024” — 12\u00a0500\u00a0₽… " + "a" * 60
    assert measure(long).parts == 2
    assert thrifty(long) == 'Order "1024" - 12 500 RUB... ' + "a" * 60
    assert measure(thrifty(long)).parts == 1
    for text in (
        "Order “1024” — 12\u00a0500\u00a0₽…",
        "«Чашка» — 12\u00a0500\u00a0₽",
        "a" * 200,
        "",
    ):
        assert thrifty(text) == text


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        ("+7 912 345-67-89", "+79123456789"),
        ("8 (912) 345-67-89", "+79123456789"),
        ("9123456789", "+79123456789"),
        ("+375 29 491-19-11", "+375294911911"),
        ("+7 701 234 5678", "+77012345678"),
        # Whether it is a mobile one the number does not tell there.
        ("+1 415 555 2671", "+14155552671"),
        # Nobody reads a text message there.
        ("+7 495 123-45-67", ""),
        ("8 800 700-76-72", ""),
        ("12345", ""),
        ("+7 912 345-67-8", ""),
        ("по телефону мамы", ""),
        ("", ""),
    ],
)
def test_whom_a_text_message_reaches(typed: str, number: str) -> None:
    assert mobile(typed) == number
