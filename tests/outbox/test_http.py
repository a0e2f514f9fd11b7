"""One signed request, and what its answer means."""

import hashlib
import hmac
import time
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from saleor_1c_plugin.outbox.errors import Refused, Retry
from saleor_1c_plugin.outbox.http import MAX_ANSWER, post
from saleor_1c_plugin.sandbox.valkey import free_port

from .receiver import Receiver, header

BODY = '{"object": "заказ", "number": 1}'.encode()


def send(url: str, timeout: float = 5, key: str = "event-1") -> bytes:
    return post(url, BODY, key=key, secret="секрет", timeout=timeout)


def test_the_receiver_can_check_who_sent_it_and_what(receiver: Receiver) -> None:
    assert send(receiver.url) == b"{}"
    ((head, body),) = receiver.requests
    assert head.startswith(b"POST /take HTTP/1.1\r\n")
    assert body == BODY
    assert header(head, b"content-type") == b"application/json"
    assert header(head, b"idempotency-key") == b"event-1"
    moment, given = (part.partition(b"=")[2] for part in header(head, b"x-signature").split(b","))
    assert abs(int(moment) - time.time()) < 60
    signed = hmac.new("секрет".encode(), moment + b"." + BODY, hashlib.sha256).hexdigest()
    assert given.decode() == signed


def test_connections_are_kept(receiver: Receiver) -> None:
    for number in range(5):
        send(receiver.url, key=str(number))
    assert receiver.connections == 1


@pytest.mark.parametrize("status", [408, 425, 429, 500, 502, 503, 504])
def test_a_receiver_at_fault_is_tried_again(receiver: Receiver, status: int) -> None:
    receiver.status = status
    with pytest.raises(Retry, match=f"HTTP {status}") as caught:
        send(receiver.url)
    assert caught.value.after is None


@pytest.mark.parametrize("status", [301, 302, 307, 400, 401, 403, 404, 409, 410, 422])
def test_what_the_receiver_will_never_take_is_refused(receiver: Receiver, status: int) -> None:
    receiver.status = status
    receiver.headers = f"Location: {receiver.url}\r\n".encode()
    with pytest.raises(Refused, match=f"HTTP {status}: {{}}"):
        send(receiver.url)
    assert len(receiver.requests) == 1


@pytest.mark.parametrize(
    ("value", "least", "most"),
    [
        ("120", 120, 120),
        ("99999999999999", 3600, 3600),
        (timedelta(minutes=9), 400, 540),
        (timedelta(minutes=-9), 0, 0),
    ],
)
def test_a_receiver_may_say_when(
    receiver: Receiver, value: str | timedelta, least: int, most: int
) -> None:
    if isinstance(value, timedelta):
        value = format_datetime(datetime.now(UTC) + value)
    receiver.status = 429
    receiver.headers = f"Retry-After: {value}\r\n".encode()
    with pytest.raises(Retry) as caught:
        send(receiver.url)
    assert caught.value.after is not None
    assert least <= caught.value.after <= most


@pytest.mark.parametrize("value", ["soon", "-5", "1.5", ""])
def test_nonsense_about_when_is_no_time(receiver: Receiver, value: str) -> None:
    receiver.status = 503
    receiver.headers = f"Retry-After: {value}\r\n".encode()
    with pytest.raises(Retry) as caught:
        send(receiver.url)
    assert caught.value.after is None


@pytest.mark.parametrize("fault", ["hang", "drop"])
def test_no_answer_is_tried_again(receiver: Receiver, fault: str) -> None:
    receiver.take = lambda *_: fault  # type: ignore[method-assign]
    with pytest.raises(Retry, match="No answer"):
        send(receiver.url, timeout=0.2)


def test_nobody_there_is_tried_again_and_no_secret_is_told() -> None:
    with pytest.raises(Retry) as caught:
        send(f"http://user:password@127.0.0.1:{free_port()}/bot-token/send")
    assert "ConnectionError" in caught.value.reason
    for secret in ("password", "token", "секрет"):
        assert secret not in caught.value.reason


@pytest.mark.parametrize("url", ["", "receiver", "ftp://127.0.0.1/", "http://", "http://[::1"])
def test_an_address_that_is_none_waits_for_a_person(url: str) -> None:
    with pytest.raises(Refused):
        send(url)


def test_an_endless_answer_is_cut_off(receiver: Receiver) -> None:
    receiver.answer = b"x" * (50 * MAX_ANSWER)
    assert send(receiver.url) == b"x" * MAX_ANSWER
    receiver.answer = b"{}"
    assert send(receiver.url) == b"{}"


def test_an_answer_that_drips_is_given_up(receiver: Receiver) -> None:
    receiver.answer = b"x" * 1000
    receiver.take = lambda *_: "drip"  # type: ignore[method-assign]
    with pytest.raises(Retry, match="ReadTimeout"):
        send(receiver.url, timeout=0.3)
