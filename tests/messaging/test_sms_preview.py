"""What a text costs as an SMS is seen before it is sent."""

import re
from typing import Any

import pytest
from django.test import Client

from saleor_1c_plugin.remembered import Remembered

EDIT = "/messages/texts/order.placed/ru/"


@pytest.fixture
def client(transactional_db: None, settings: Any) -> Client:
    messages = {"shop": "Чашки", "place": "https://shop.example"}
    settings.ONEC_CONFIGURATION = {**settings.ONEC_CONFIGURATION, "messages": messages}
    Remembered.forget_all()
    return Client()


def parts(client: Client, body: str, channel: str = "") -> int:
    """That the page says; 0: it says nothing."""
    address = f"{EDIT}?channel={channel}"
    key = re.search(r'name="form" value="([^"]+)"', client.get(address).content.decode())
    assert key
    data = {"form": key[1], "subject": "", "body": body, "action": "preview"}
    page = client.post(address, data).content.decode()
    found = re.search(r'id="parts">(\d+)<', page)
    return int(found[1]) if found else 0


def test_parts_are_counted_with_the_way_out(client: Client) -> None:
    # The address of the reader's page takes a part and some signs of another.
    way_out = 2
    assert parts(client, "Ура") == way_out
    assert parts(client, "ж" * 67) == way_out + 1
    assert parts(client, "ж" * 67 * 3, "smsc") == way_out + 3


def test_channels_that_know_no_parts(client: Client) -> None:
    assert parts(client, "Ура", "email") == 0
