"""The receipt by e-mail: once, whole, and only where the register's service does not send it."""

from email.message import EmailMessage
from html import unescape
from io import BytesIO
from smtplib import SMTPRecipientsRefused, SMTPServerDisconnected
from typing import Any, cast

import pytest
import zxingcpp
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend
from django.db import transaction
from PIL import Image

from saleor_1c_plugin.outbox.models import Message
from saleor_1c_plugin.receipts import registers
from saleor_1c_plugin.receipts.compose.document import Buyer, Kind
from saleor_1c_plugin.receipts.models import Receipt
from saleor_1c_plugin.receipts.printing import links
from saleor_1c_plugin.receipts.printing.mail import send_later

from .prints import Prints
from .samples import document, item, row, waiting

State = Message.State


class Refusing(EmailBackend):
    """A mail server that does not know the buyer."""

    code = 550

    def send_messages(self, messages: Any) -> int:
        raise SMTPRecipientsRefused({messages[0].to[0]: (self.code, b"Who is that?")})


class Busy(Refusing):
    code = 451


class Away(EmailBackend):
    def send_messages(self, messages: Any) -> int:
        raise SMTPServerDisconnected("Connection unexpectedly closed")


@pytest.fixture
def writes(prints: Prints) -> Prints:
    prints.configure("receipts", letters="true")
    return prints


def sent(receipt: Receipt) -> list[EmailMessage]:
    """What leaves when a receipt is registered."""
    with transaction.atomic():
        send_later(receipt, registers.park())
    return [cast(EmailMessage, one.message()) for one in mail.outbox]


def state() -> str:
    return Message.objects.get(topic="receipts.mail").state


def texts(letter: EmailMessage) -> dict[str, str]:
    return {
        part.get_content_type(): cast(bytes, part.get_payload(decode=True)).decode()
        for part in letter.walk()
        if part.get_content_maintype() == "text"
    }


def test_the_buyer_gets_the_receipt(writes: Prints, settings: Any) -> None:
    settings.DEFAULT_FROM_EMAIL = "shop@example.com"
    receipt = row(url="https://ofd.example/1")
    (letter,) = sent(receipt)
    assert (letter["To"], letter["From"]) == ("anna@example.com", "shop@example.com")
    assert mail.outbox[0].subject == "Кассовый чек по заказу № 7"
    found = texts(letter)
    for text in (found["text/plain"], unescape(found["text/html"])):
        for expected in (
            *("Приход", "ООО «Ромашка»", "7707083893", "Чайник", "1234.00", "НДС 22%", "ОСН"),
            *("kassa@shop.example", "9999078902004339", str(receipt.fiscal_document)),
            f"https://shop.example{links.address_of(receipt.pk)}",
        ):
            assert expected in text
    (picture,) = (part for part in letter.walk() if part.get_content_type() == "image/png")
    assert f'src="cid:{picture["Content-ID"].strip("<>")}"' in found["text/html"]
    (code,) = zxingcpp.read_barcodes(
        Image.open(BytesIO(cast(bytes, picture.get_payload(decode=True))))
    )
    assert code.text.startswith("t=20261125T1430&s=1234.00&fn=9999078902004339&")
    assert state() == State.DELIVERED


def test_once_whatever_is_repeated(writes: Prints) -> None:
    receipt = row()
    sent(receipt)
    assert len(sent(receipt)) == 1


def test_not_where_the_register_s_service_does_it(prints: Prints) -> None:
    assert sent(row()) == []
    prints.switch_off("receipts")
    assert sent(row()) == []
    assert not Message.objects.filter(topic="receipts.mail").exists()


def test_a_buyer_with_a_phone_gets_no_letter(writes: Prints) -> None:
    assert sent(row(document(buyer=Buyer(phone="+79990000001")))) == []


def test_what_is_not_registered_is_not_sent(writes: Prints) -> None:
    assert sent(waiting()) == []
    assert state() == State.DELIVERED


def test_a_correction_is_called_one(writes: Prints) -> None:
    (letter,) = sent(row(document(kind=Kind.SELL_REFUND_CORRECTION)))
    assert mail.outbox[0].subject == "Кассовый чек коррекции по заказу № 7"
    assert "Дата совершения корректируемого расчета: 01.11.2026" in texts(letter)["text/plain"]


def test_hostile_names_are_text(writes: Prints) -> None:
    name = """<img src=x onerror=alert(1)>"'{{ x }}"""
    receipt = row(document(item(name=name)), order_number="7\r\nBcc: eve@example.com")
    (letter,) = sent(receipt)
    assert letter["Bcc"] is None
    assert mail.outbox[0].subject == "Кассовый чек по заказу № 7 Bcc: eve@example.com"
    found = texts(letter)
    assert name in found["text/plain"]
    assert "<img src=x" not in found["text/html"]
    assert name in unescape(found["text/html"])


def test_a_shop_that_does_not_know_its_address_names_no_page(writes: Prints) -> None:
    (letter,) = sent(row(document(place="")))
    assert "Чек на сайте" not in "".join(texts(letter).values())


def test_an_address_that_is_none_is_a_person_s_affair(writes: Prints, settings: Any) -> None:
    settings.EMAIL_BACKEND = "tests.receipts.test_letter.Refusing"
    assert sent(row()) == []
    message = Message.objects.get(topic="receipts.mail")
    assert message.state == State.DEAD
    assert "550" in message.reason
    assert "anna" not in message.reason


@pytest.mark.parametrize("backend", ["Busy", "Away"])
def test_a_mail_server_that_is_away_only_delays(
    writes: Prints, settings: Any, backend: str
) -> None:
    settings.EMAIL_BACKEND = f"tests.receipts.test_letter.{backend}"
    assert sent(row()) == []
    message = Message.objects.get(topic="receipts.mail")
    assert (message.state, message.attempts) == (State.PENDING, 1)
