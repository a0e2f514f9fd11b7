"""The code on a receipt: what is in it, and that another program reads it."""

from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from io import BytesIO
from zoneinfo import ZoneInfo

import pytest
import zxingcpp
from PIL import Image

from saleor_1c_plugin.receipts import qr
from saleor_1c_plugin.receipts.compose.document import Kind
from saleor_1c_plugin.receipts.driver import FiscalData

MOSCOW = ZoneInfo("Europe/Moscow")
DATA = FiscalData(
    drive="9999078902004339",
    document=12345,
    sign="1234567890",
    at=datetime(2026, 11, 25, 11, 30, 59, tzinfo=UTC),
    total=Decimal("1234"),
)
TEXT = "t=20261125T1430&s=1234.00&fn=9999078902004339&i=12345&fp=1234567890&n=1"


def test_the_text_is_what_the_tax_service_looks_for() -> None:
    assert qr.payload(DATA, Kind.SELL, MOSCOW) == TEXT


@pytest.mark.parametrize(
    ("kind", "sign"),
    [
        (Kind.SELL, "1"),
        (Kind.SELL_REFUND, "2"),
        (Kind.SELL_CORRECTION, "1"),
        (Kind.SELL_REFUND_CORRECTION, "2"),
    ],
)
def test_every_kind_has_its_sign(kind: Kind, sign: str) -> None:
    assert qr.payload(DATA, kind, MOSCOW).endswith(f"&n={sign}")


def test_the_clock_is_that_of_the_register_s_place() -> None:
    # Whatever clock the service tells the time by, and past midnight.
    at = datetime(2026, 12, 31, 18, 5, tzinfo=timezone(timedelta(hours=3)))
    data = FiscalData("9999078902004339", 1, "1", at, Decimal("0.50"))
    text = qr.payload(data, Kind.SELL, ZoneInfo("Asia/Kamchatka"))
    assert text == "t=20270101T0305&s=0.50&fn=9999078902004339&i=1&fp=1&n=1"


def test_noughts_before_a_number_are_none() -> None:
    data = FiscalData("0000078902004339", 7, "0004567890", DATA.at, Decimal("1E+3"))
    text = qr.payload(data, Kind.SELL, MOSCOW)
    assert "&fn=0000078902004339&i=7&fp=4567890&" in text
    assert "&s=1000.00&" in text


def test_another_decoder_reads_the_picture() -> None:
    (found,) = zxingcpp.read_barcodes(Image.open(BytesIO(qr.png(TEXT))))
    assert found.text == TEXT
    assert found.format == zxingcpp.BarcodeFormat.QRCode


def test_a_file_and_an_element_of_a_page() -> None:
    assert qr.svg_file(TEXT).startswith(b"<?xml")
    drawn = qr.svg(TEXT)
    assert drawn.startswith("<svg viewBox=")
    # A style gives it its size, and no script is in it.
    assert "width=" not in drawn.partition(">")[0]
    assert "<script" not in drawn
