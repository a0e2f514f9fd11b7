"""Messages by e-mail, to a mail server on loopback."""

from collections.abc import Iterator
from typing import Any

import pytest

from saleor_1c_plugin.history.event import Customer
from saleor_1c_plugin.messaging import people
from saleor_1c_plugin.messaging.channel import Button, Lost, Text, Unreachable
from saleor_1c_plugin.messaging.email.sender import Email
from saleor_1c_plugin.messaging.email.settings import EmailSettings, SettingsError
from saleor_1c_plugin.outbox.errors import Refused, Retry

from .conftest import ANNA, Talk, configure, later
from .mailserver import MailServer, mail_server

OUT = "https://shop.example/messages/p/abc/"
TEXT = Text("Заказ <b>принят</b>.", "Тема", (Button("Открыть", "https://shop.example/1"),), OUT)


@pytest.fixture
def server(settings: Any) -> Iterator[MailServer]:
    with mail_server() as started:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", started.port
        settings.DEFAULT_FROM_EMAIL = "Shop <noreply@shop.example>"
        yield started


def send(**saved: object) -> str:
    return Email().send(saved, ANNA.email, TEXT, "7").reference


def test_a_letter(server: MailServer) -> None:
    reference = send(sender="shop@shop.example", name="Магазин", reply_to="help@shop.example")
    ((to, letter),) = server.taken
    assert to == ANNA.email
    assert (letter["Subject"], letter["From"]) == ("Тема", "Магазин <shop@shop.example>")
    assert letter["Reply-To"] == "help@shop.example"
    assert letter["Message-ID"] == reference == "<saleor1c.7@shop.example>"
    # The button of mail programs, RFC 8058.
    assert letter["List-Unsubscribe"] == f"<{OUT}>"
    assert letter["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    plain, page = letter.iter_parts()
    assert plain.get_content().splitlines()[-1] == "Открыть: https://shop.example/1"
    assert "&lt;b&gt;принят" in page.get_content()
    assert 'href="https://shop.example/1"' in page.get_content()


def test_the_store_s_own_sender_unless_another_one_is_set(server: MailServer) -> None:
    send()
    assert server.taken[0][1]["From"] == "Shop <noreply@shop.example>"
    assert server.taken[0][1]["Message-ID"] == "<saleor1c.7@shop.example>"


@pytest.mark.parametrize(
    ("command", "answer", "expected"),
    [
        ("RCPT", "550 No such user", Unreachable),
        ("RCPT", "450 Greylisted", Retry),
        ("MAIL", "451 Later", Retry),
        ("MAIL", "553 Not from you", Refused),
        ("DATA", "554 Spam", Refused),
        ("DATA", "452 Full", Retry),
        ("DATA", "", Lost),
    ],
)
def test_what_the_server_says(
    server: MailServer, command: str, answer: str, expected: type[Exception]
) -> None:
    server.answers[command] = answer
    with pytest.raises(expected) as told:
        send()
    # It goes into a journal that people read: an address is nothing for it.
    assert ANNA.email not in str(told.value)
    assert not server.taken


def test_a_server_that_is_away(settings: Any, server: MailServer) -> None:
    with mail_server() as gone:
        settings.EMAIL_PORT = gone.port
    with pytest.raises(Retry):
        send()


def test_a_letter_whose_answer_was_lost_is_not_sent_again(talk: Talk, server: MailServer) -> None:
    talk.configure("order.placed = email")
    server.is_cut_after_data = True
    talk.happen()
    assert talk.states() == [("email", "sending")]
    later(3)
    later(60)
    assert talk.states() == [("email", "unknown")]
    assert len(server.taken) == 1


def test_a_buyer_whose_mailbox_is_gone_gets_an_sms(talk: Talk, server: MailServer) -> None:
    talk.configure("order.placed = email, sms")
    server.answers["RCPT"] = "550 No such user"
    talk.happen()
    assert talk.states() == [("email", "unreachable"), ("quick", "sent")]


def test_only_addresses_are_written_to() -> None:
    assert Email().address(Customer(email=" anna@shop.example "), {}) == "anna@shop.example"
    for text in ("", "anna", "anna@shop", "a b@shop.example", "a@b.ru,c@d.ru", f"{'a' * 250}@b.ru"):
        assert Email().address(Customer(email=text), {}) == ""


def test_settings() -> None:
    assert EmailSettings.from_configuration({}) == EmailSettings()
    for wrong in ({"sender": "shop"}, {"reply_to": "x y@z.ru"}, {"name": "Магазин"}):
        with pytest.raises(SettingsError) as told:
            EmailSettings.from_configuration(wrong)
        assert told.value.faults.keys() == wrong.keys()


def test_a_name_can_not_smuggle_headers_in(server: MailServer) -> None:
    send(sender="shop@shop.example", name="Shop\r\nBcc: all@shop.example")
    assert "Bcc" not in server.taken[0][1]
    assert [to for to, _letter in server.taken] == [ANNA.email]


def test_a_subject_is_one_line(talk: Talk, server: MailServer) -> None:
    configure(talk.settings, email={})
    talk.configure("order.placed = email")
    talk.happen(order_number="7\r\nBcc: all@shop.example")
    assert [to for to, _letter in server.taken] == [ANNA.email]
    assert "Bcc" not in server.taken[0][1]
    assert people.preference("email", ANNA.email)
