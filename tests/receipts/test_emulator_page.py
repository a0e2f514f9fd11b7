"""The emulated registers on a page: it says that they are none, and switches their faults."""

import re

from django.test import Client
from django.urls import reverse

from saleor_1c_plugin.receipts.emulator.models import Document, Drive

from .support import FIRST, House


def press(client: Client, action: str, **values: str) -> None:
    address = reverse("onec_receipts_emulator:emulator")
    page = client.get(address).content.decode()
    (form,) = set(re.findall(r'name="form" value="([^"]+)"', page))
    told = {"form": form, "register": FIRST, "action": action, **values}
    assert client.post(address, told).status_code == 302


def page(client: Client) -> str:
    return client.get(reverse("onec_receipts_emulator:emulator")).content.decode()


def test_it_says_that_it_is_no_register_and_shows_what_was_printed(
    house: House, client: Client
) -> None:
    assert "No emulated register" in page(client) or "эмулятор" in page(client).lower()
    row = house.put("1500.50")
    shown = page(client)
    assert row.sign in shown
    assert row.drive in shown
    assert shown.count('class="bad"') >= 1 + len(Document.objects.exclude(type="registration"))


def test_faults_are_switched_on_and_off(house: House, client: Client) -> None:
    house.put()
    press(client, "set", has_paper="on", is_away="on", is_offline="on", fails="7", loses="200")
    drive = Drive.objects.get(name=FIRST)
    assert (drive.is_away, drive.has_paper, drive.is_offline) == (True, True, True)
    assert (drive.fails, drive.loses) == (7, 100)
    Document.objects.update(sent=None)
    press(client, "set", fails="many", loses="")
    drive.refresh_from_db()
    assert (drive.is_away, drive.has_paper, drive.is_offline) == (False, False, False)
    assert (drive.fails, drive.loses) == (0, 0)
    assert not Document.objects.filter(drive=drive, sent=None).exists()
    assert "Закончилась бумага" in page(client)


def test_its_shift_is_closed(house: House, client: Client) -> None:
    house.put()
    press(client, "close")
    assert Drive.objects.get(name=FIRST).opened is None
    press(client, "close", register="emulator:9")


def test_another_site_can_not_press_its_buttons(house: House, client: Client) -> None:
    house.put()
    address = reverse("onec_receipts_emulator:emulator")
    told = {"form": "forged", "register": FIRST, "action": "set"}
    assert client.post(address, told).status_code == 403
    assert Drive.objects.get(name=FIRST).has_paper
