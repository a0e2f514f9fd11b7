"""What names in a text stand for."""

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from saleor_1c_plugin.history.event import Customer, Event, Kind
from saleor_1c_plugin.messaging.values import values

OMSK = ZoneInfo("Asia/Omsk")
PLACE = "https://shop.example"


def told(language: str = "ru", name: str = "", **data: Any) -> dict[str, str]:
    at = datetime(2026, 11, 26, tzinfo=UTC)
    event = Event("1", Kind.ORDER_PLACED, at, Customer(name=name), data=data)
    return values(event, language, OMSK, "Чашки", PLACE)


def test_money() -> None:
    rouble = {"total": "12500.00", "currency": "RUB"}
    assert told(**rouble)["total"] == "12\xa0500 ₽"
    assert told("en", **rouble)["total"] == "12,500 ₽"
    assert told(total="0.50", currency="PLN")["total"] == "0,50 PLN"
    assert told("en", total="0.50", currency="USD")["total"] == "0.50 $"
    for nothing in (None, "", "much"):
        assert told(total=nothing, currency="RUB")["total"] == ""


def test_time_is_by_the_reader_s_clock() -> None:
    until = "2026-11-26T20:30:00+00:00"
    assert told(until=until)["until"] == "27 ноября, 02:30"
    assert told("en", until=until)["until"] == "27 November, 02:30"
    for nothing in (None, "", "soon"):
        assert told(until=nothing)["until"] == ""


def test_goods() -> None:
    lines = [{"name": "Чашка", "quantity": 2}, {"name": "Блюдце", "quantity": 1}]
    assert told(lines=lines)["goods"] == "Чашка × 2, Блюдце"
    assert told(lines=lines * 10)["goods"].endswith(", …")
    assert told(lines=[None, {}, "x"])["goods"] == ""


def test_statuses_and_pages() -> None:
    assert told(status="partly_shipped")["status"] == "частично отгружен"
    assert told("en", status="partly_shipped")["status"] == "partly shipped"
    assert told(status="lost")["status"] == ""
    assert told(page="/receipts/r/1/")["receipt"] == f"{PLACE}/receipts/r/1/"
    assert told(page="javascript:alert(1)")["receipt"] == ""


@pytest.mark.parametrize("name", ["Анна Ли", "А. С. Ли", "Dr. O'Neil-Smith", "Ли Анна"])
def test_a_name(name: str) -> None:
    assert told(name=name)["name"] == name


@pytest.mark.parametrize(
    "name",
    ["Win at casino.example", "https://x", "write@me", "t.me/casino", "www.example.com", "a" * 81],
)
def test_an_advertisement_is_no_name(name: str) -> None:
    """Anybody can order in the name of somebody else."""
    assert told(name=name)["name"] == ""
