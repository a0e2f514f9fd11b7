"""Texts with names in braces."""

import pytest

from saleor_1c_plugin.messaging.texts import LANGUAGES, TEXTS, names_for
from saleor_1c_plugin.messaging.wording import WordingError, check, fill


@pytest.mark.parametrize(
    "text",
    [
        "{secret}",
        "{order.number}",
        "{order[0]}",
        "{order!r}",
        "{order:>10000000000}",
        "{order:{order}}",
        "{0}",
        "{}",
        "{order",
        "order}",
        "{ order }",
    ],
)
def test_nothing_but_known_names_may_be_in_braces(text: str) -> None:
    with pytest.raises(WordingError):
        check(text, ("order", "total"))


def test_names_and_doubled_braces_are_fine() -> None:
    text = "{{Order}} {order}: {total}"
    check(text, ("order", "total"))
    assert fill(text, {"order": "5", "total": "{order}"}) == "{Order} 5: {order}"


def test_a_line_of_which_nothing_is_known_is_left_out() -> None:
    text = "Order {order}\nNumber: {tracking}\nBy {method} for {amount}\n\nBye"
    assert fill(text, {"order": "5", "amount": "7"}) == "Order 5\nBy  for 7\n\nBye"


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("about", TEXTS)
def test_our_own_texts_can_be_filled_in(about: str, language: str) -> None:
    wording = TEXTS[about][language]
    for text in (wording.subject, wording.body):
        assert text
        check(text, names_for(about))
