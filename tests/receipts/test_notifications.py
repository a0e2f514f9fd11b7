"""What a register tells by itself only has it asked sooner."""

import json
from typing import Any
from uuid import uuid4

import pytest
from django.http import HttpResponse
from django.test import RequestFactory

from saleor_1c_plugin.receipts import driver, notifications
from saleor_1c_plugin.receipts.models import Receipt
from saleor_1c_plugin.receipts.notifications import MAX_BODY

from .cloud import Cloud
from .support import House

State = Receipt.State


@pytest.fixture
def cloud(house: House, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Cloud:
    made = Cloud()
    monkeypatch.setattr(driver, "_drivers", {"cloud": made})
    settings.ONEC_CONFIGURATION = {**settings.ONEC_CONFIGURATION, "cloud": {}}
    return made


def notify(cloud: Cloud, body: object) -> HttpResponse:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    request = RequestFactory().post("/", raw, content_type="application/json")
    return notifications.receive(cloud, request)


def test_a_receipt_that_is_done_is_known_at_once(cloud: Cloud, house: House) -> None:
    row = house.put()
    cloud.done.append(str(row.pk))
    assert notify(cloud, {"id": str(row.pk)}).status_code == 200
    assert house.row(row).state == State.DONE


def test_nothing_that_it_says_is_believed(cloud: Cloud, house: House) -> None:
    row = house.put()
    assert notify(cloud, {"id": str(row.pk), "state": "done", "fd": 1}).status_code == 200
    assert house.row(row).state == State.SENT
    assert cloud.calls == ["send", "find"]


def test_a_mended_receipt_is_known_by_its_version(cloud: Cloud, house: House) -> None:
    row = house.put(version=2)
    external_id = f"{row.pk}.2"
    assert external_id in cloud.receipts
    cloud.done.append(external_id)
    notify(cloud, {"id": external_id})
    assert house.row(row).state == State.DONE


def test_what_a_worker_has_in_hand_is_left_to_it(cloud: Cloud, house: House) -> None:
    row = house.put()
    Receipt.objects.filter(pk=row.pk).update(token="somebody")
    calls = list(cloud.calls)
    assert notify(cloud, {"id": str(row.pk)}).status_code == 200
    assert cloud.calls == calls


@pytest.mark.parametrize(
    "body", [b"", b"\xff", b"[]", {"id": "nobody's"}, {"id": str(uuid4())}, {"id": None}]
)
def test_what_names_nothing_is_taken_and_forgotten(
    cloud: Cloud, house: House, body: object
) -> None:
    assert notify(cloud, body).status_code == 200
    assert not cloud.calls


def test_what_is_no_notification_is_not_read(cloud: Cloud, house: House, settings: Any) -> None:
    assert notify(cloud, b" " * (MAX_BODY + 1)).status_code == 413
    assert notifications.receive(cloud, RequestFactory().get("/")).status_code == 405
    settings.ONEC_CONFIGURATION = {**settings.ONEC_CONFIGURATION, "cloud": None}
    assert notify(cloud, {"id": "1"}).status_code == 404
