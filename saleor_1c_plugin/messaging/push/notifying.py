"""Devices as a channel: a message goes to all of a customer's, and to each of them once."""

import json
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.db import IntegrityError
from django.utils import timezone

from ...history.event import Customer
from ...outbox import pace
from ...outbox.calls import NoReply
from ...outbox.errors import Refused, Retry
from ...reservations.graphql import ids
from ..channel import Channel, Lost, Sent, Text, Unreachable
from . import NAME, client, devices
from .access import AccessDenied
from .client import ApiError
from .models import Device, Notification
from .settings import PushSettings

#: Bytes: Firebase takes 4096 of title, body and data together.
_MOST_TITLE = 400
_MOST_BODY = 2400
#: And of data beside them.
_MOST_DATA = 1000
#: A device can be told nothing for so long: then the message is not for it.
_LIFE = timedelta(days=1)
#: By this account: the device belongs to another project, or its maker does not know the project.
_UNREACHABLE = ("SENDER_ID_MISMATCH", "THIRD_PARTY_AUTH_ERROR")
_NOBODY = "No device of the reader's can be reached"


class Push(Channel):
    """See :class:`~saleor_1c_plugin.messaging.channel.Channel`; an address is a customer's id."""

    name = NAME
    title = "Push"
    is_way_out_apart = True

    def address(self, customer: Customer, links: Mapping[str, str]) -> str:
        to = links.get(NAME, "")
        # He may have signed out everywhere since.
        return to if to and devices.of(to).exists() else ""

    def send(self, saved: Mapping[str, object], to: str, text: Text, key: str) -> Sent:
        settings = PushSettings.from_configuration(saved)
        said = message(text, key)
        reasons = [_send(settings, device, said, key) for device in _left(to, key)]
        return _outcome(key, *reasons)

    def find(self, saved: Mapping[str, object], to: str, key: str) -> Sent | None:
        return None if _left(to, key) else _outcome(key)


def _left(to: str, key: str) -> list[Device]:
    """Devices to which a message was not sent yet."""
    begun = Notification.objects.filter(key=key).values("device_id")
    return list(devices.of(to).exclude(pk__in=begun))


def message(text: Text, key: str) -> dict[str, Any]:
    """What is said, as Firebase has it, to be completed by whom it is for."""
    life = int(_LIFE.total_seconds())
    ends = int((timezone.now() + _LIFE).timestamp())
    shown = {"title": _cut(text.subject, _MOST_TITLE), "body": _cut(text.body, _MOST_BODY)}
    # A device that is told the same twice shows it once.
    return {
        "notification": {name: value for name, value in shown.items() if value},
        "data": _data(text, key),
        "android": {"priority": "HIGH", "ttl": f"{life}s", "notification": {"tag": key}},
        "apns": {
            "headers": {
                "apns-priority": "10",
                "apns-expiration": f"{ends}",
                "apns-collapse-id": key,
            },
            "payload": {"aps": {"sound": "default"}},
        },
        "webpush": {"headers": {"TTL": f"{life}"}, "notification": {"tag": key}},
    }


def _data(text: Text, key: str) -> dict[str, str]:
    """For the application: what to open when the notification is touched, and what can be done."""
    known = {
        "key": key,
        "about": text.about,
        "order": ids.to_global("Order", text.order_id) if text.order_id else "",
        "way_out": text.way_out,
    }
    if text.buttons:
        buttons = [
            {"label": one.label, "url": one.url, "command": one.command} for one in text.buttons
        ]
        known["buttons"] = json.dumps(buttons, ensure_ascii=False, separators=(",", ":"))
    data: dict[str, str] = {}
    left = _MOST_DATA
    for name, value in known.items():
        left -= len(name) + len(value.encode())
        if value and left >= 0:
            data[name] = value
    return data


def _send(settings: PushSettings, device: Device, said: Mapping[str, Any], key: str) -> str:
    """Send a message to a device, once; why that device can't be reached, or nothing.

    A device that is no more is forgotten.
    """
    try:
        row, is_new = Notification.objects.get_or_create(device=device, key=key)
    except IntegrityError:
        # It has just been forgotten.
        return ""
    if not is_new:
        # Another worker was faster.
        return ""
    try:
        # Nothing is put off for its own sake: how much is too much, Firebase says.
        pace.wait(NAME, 0.0)
        client.send(settings, {"token": device.token, **said})
    except NoReply as error:
        if not error.is_unsent:
            raise Lost(str(error)) from None
        row.delete()
        raise Retry(str(error)) from None
    except (Retry, AccessDenied, ApiError) as error:
        # It has not taken it, that is for sure.
        row.delete()
        if isinstance(error, ApiError) and error.is_about_token:
            # Unless the application has registered it anew meanwhile.
            Device.objects.filter(pk=device.pk, seen=device.seen).delete()
        elif not (isinstance(error, ApiError) and error.code in _UNREACHABLE):
            raise _as_outcome(error) from None
        return str(error)
    Notification.objects.filter(pk=row.pk).update(is_taken=True, at=timezone.now())
    return ""


def _as_outcome(error: Exception) -> Exception:
    if isinstance(error, AccessDenied):
        return Retry(f"Google does not accept the account: {error}")
    if not isinstance(error, ApiError):
        return error
    if error.after:
        # Whoever calls nevertheless is left out for longer.
        pace.hold(NAME, error.after)
        return Retry(f"Firebase wants to be left alone for a while: {error}", after=error.after)
    if error.status in (401, 403, 404):
        return Retry(f"Firebase does not let the account send: {error}")
    return Refused(str(error))


def _outcome(key: str, *reasons: str) -> Sent:
    """What became of a message that was sent to all devices that there are."""
    rows = Notification.objects.filter(key=key)
    if rows.filter(is_taken=True).exists():
        return Sent()
    if rows.exists():
        raise Lost("Firebase has not answered")
    raise Unreachable(next(filter(None, reasons), _NOBODY))


def _cut(text: str, most: int) -> str:
    """As far as so many bytes."""
    whole = text.encode("utf-8", "replace")
    return text if len(whole) <= most else f"{whole[: most - 3].decode('utf-8', 'ignore')}…"
