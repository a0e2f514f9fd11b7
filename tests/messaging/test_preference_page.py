"""A reader's own page, which is in every message to her."""

import re

from django.core import mail
from django.test import Client

from saleor_1c_plugin.messaging import people
from saleor_1c_plugin.messaging.models import Preference

from .conftest import ANNA, Talk, configure

RULE = "order.placed = email"


def page_of(body: str) -> str:
    found = re.search(r"https://shop\.example(/messages/p/[\w-]+/)", body)
    assert found
    return found[1]


def test_its_address_is_in_the_message_and_it_turns_messages_off(talk: Talk) -> None:
    talk.configure(RULE)
    talk.happen()
    address = page_of(mail.outbox[0].body)
    client = Client()
    page = client.get(address)
    assert page.status_code == 200
    text = page.content.decode()
    assert "Чашки" in text
    # Whose it is, is nobody's business.
    for secret in (ANNA.email, ANNA.phone, "Анна"):
        assert secret not in text
    assert 'value="email" checked' in text
    assert page["Referrer-Policy"] == "no-referrer"
    assert "no-store" in page["Cache-Control"]
    answer = client.post(address, {"channel": ["quick"], "language": "en", "zone": "Asia/Omsk"})
    assert answer.status_code == 302
    row = Preference.objects.get(address=f"email:{ANNA.email}")
    assert (row.allowed["email"], row.allowed["quick"]) == (False, True)
    assert (row.language, row.zone, row.opted_out) == ("en", "Asia/Omsk", None)
    assert "Messages of the store" in client.get(address).content.decode()
    talk.happen(order_id="order-2")
    assert len(mail.outbox) == 1


def test_everything_can_be_turned_off_and_on_again(talk: Talk) -> None:
    talk.configure(RULE)
    talk.happen()
    address = page_of(mail.outbox[0].body)
    client = Client()
    client.post(address, {"nothing": "on", "channel": ["email"]})
    since = Preference.objects.get().opted_out
    assert since is not None
    client.post(address, {"nothing": "on", "channel": ["email"]})
    assert Preference.objects.get().opted_out == since
    talk.happen()
    assert len(mail.outbox) == 1
    client.post(address, {"channel": ["email"]})
    talk.happen()
    assert len(mail.outbox) == 2


def test_the_button_of_a_mail_program(talk: Talk) -> None:
    """RFC 8058: a POST without cookies, and nothing to click any more."""
    talk.configure(RULE)
    talk.happen()
    header = mail.outbox[0].extra_headers["List-Unsubscribe"]
    client = Client(enforce_csrf_checks=True)
    answer = client.post(page_of(header), {"List-Unsubscribe": "One-Click"})
    assert answer.status_code == 200
    talk.happen()
    assert len(mail.outbox) == 1


def test_looking_at_it_turns_nothing_off(talk: Talk) -> None:
    """Mail servers open all links of a letter before anybody reads it."""
    talk.configure(RULE)
    talk.happen()
    address = page_of(mail.outbox[0].body)
    for method in ("get", "head"):
        getattr(Client(), method)(address)
    row = Preference.objects.get()
    assert (row.allowed, row.opted_out) == ({}, None)


def test_nobody_finds_another_one_s(talk: Talk) -> None:
    people.preference("email", ANNA.email)
    for path in ("", "x/", "1/", "%00/", f"{'a' * 500}/"):
        assert Client().get(f"/messages/p/{path}").status_code == 404
    secrets = {people.preference("email", f"{n}@shop.example").secret for n in range(20)}
    assert len(secrets) == 20
    assert min(map(len, secrets)) >= 16


def test_nonsense_in_its_form_changes_nothing_else(talk: Talk) -> None:
    row = people.preference("email", ANNA.email)
    address = f"/messages/p/{row.secret}/"
    Client().post(address, {"zone": "Mars/Olympus", "language": "tlh", "channel": ["pigeon"]})
    row.refresh_from_db()
    assert (row.zone, row.language) == ("", "")
    assert "pigeon" not in row.allowed
    assert Client().put(address).status_code == 405


def test_a_channel_that_is_not_shown_is_not_decided_on(talk: Talk) -> None:
    configure(talk.settings, bot=None)
    row = people.preference("email", ANNA.email)
    Client().post(f"/messages/p/{row.secret}/", {"channel": ["email"]})
    row.refresh_from_db()
    assert row.allowed == {"email": True, "quick": False}


def test_what_needs_consent_is_not_ticked_beforehand(talk: Talk) -> None:
    talk.configure(RULE, consent="quick")
    row = people.preference("email", ANNA.email)
    text = Client().get(f"/messages/p/{row.secret}/").content.decode()
    assert 'value="email" checked' in text
    assert 'value="quick">' in text
