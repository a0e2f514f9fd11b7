"""Telling whoever is in charge of an order or a customer, by a notification or by a task."""

import hashlib
import hmac
from abc import abstractmethod
from collections.abc import Mapping
from typing import Any

from django.conf import settings as django_settings

from ...crm.adapter import Kind as Record
from ...crm.bitrix24.client import Client, Said
from ...crm.bitrix24.settings import PLUGIN as CRM
from ...history.event import Customer
from ...history.facts import customer_of
from ...language import gettext_lazy as _
from ...outbox.errors import Refused, Retry
from ...store import current_orders
from ..channel import Sent, StaffChannel, Text
from ..staff import records
from . import NAME
from .settings import PortalSettings

#: Where whoever the settings name is told.
_DESK = "desk"
_ORDER, _CUSTOMER = "order", "customer"
#: Whose tags these are: a webhook has none of its own.
_CLIENT = "saleor1c"
#: Characters of a text, and of a task's title.
_MOST_TEXT = 10_000
_MOST_TITLE = 250
#: Seconds until the merchant may have given the webhook its rights.
_MEND_SECONDS = 900.0
#: In tasks, before an id.
_LETTERS = {Record.DEAL: "D_", Record.CONTACT: "C_"}


class _PortalChannel(StaffChannel):
    """What both ways do alike: finding out whom."""

    plugin = NAME

    def desk(self, customer: Customer, order_id: str) -> str:
        # Who is in charge is asked when he is told: an order's deal is being made only now.
        if order_id:
            return f"{_ORDER}:{order_id}"
        return f"{_CUSTOMER}:{customer.id}" if customer.id else _DESK

    def send(self, saved: Mapping[str, object], to: str, text: Text, key: str) -> Sent:
        settings = PortalSettings.from_configuration(saved)
        client = Client(settings.account)
        place = _place(to) if settings.has_crm else {}
        mark = _mark(key)
        user = _in_charge(client, place) or settings.manager
        said = self.tell(client, user, text, mark, place)
        if said.problem and not said.is_denied and user != settings.manager:
            # He has left the company, for one.
            said = self.tell(client, settings.manager, text, mark, place)
        if said.is_denied:
            raise Retry(said.problem, after=_MEND_SECONDS)
        if said.problem:
            raise Refused(said.problem)
        return Sent(reference=f"{said.result}")

    def find(self, saved: Mapping[str, object], to: str, key: str) -> Sent | None:
        """Whatever became of it: to tell it again makes nothing twice."""
        return None

    @abstractmethod
    def tell(
        self, client: Client, user: int, text: Text, mark: str, place: Mapping[Record, str]
    ) -> Said:
        """Tell a user; the result is the id of what was made.

        Parameters
        ----------
        mark
            By which the portal knows what it has been told already.
        place
            Ids of the deal and the customer there.
        """


class Notifications(_PortalChannel):
    """See :class:`~saleor_1c_plugin.messaging.channel.Channel`."""

    name = NAME
    title = _("Portal (Bitrix24)")

    def tell(
        self, client: Client, user: int, text: Text, mark: str, place: Mapping[Record, str]
    ) -> Said:
        fields = {
            "USER_ID": user,
            "MESSAGE": _written(text),
            "TAG": mark,
            "CLIENT_ID": _CLIENT,
        }
        said, _next = client.call("im.notify.system.add", fields)
        if not said.problem and not str(said.result).isdigit():
            return Said(problem="Bitrix24 has made no notification: is there such a user?")
        return said


class Tasks(_PortalChannel):
    """See :class:`~saleor_1c_plugin.messaging.channel.Channel`."""

    name = "portal_task"
    group = ""
    title = _("Task in the portal (Bitrix24)")

    def tell(
        self, client: Client, user: int, text: Text, mark: str, place: Mapping[Record, str]
    ) -> Said:
        made = _task(client, mark)
        if made.problem or made.result:
            return made
        fields = {
            "TITLE": _plain(text.subject)[:_MOST_TITLE] or _plain(text.body)[:_MOST_TITLE],
            "DESCRIPTION": _written(text),
            "RESPONSIBLE_ID": user,
            "XML_ID": mark,
            "UF_CRM_TASK": [f"{_LETTERS[kind]}{record}" for kind, record in place.items()],
        }
        said, _next = client.call("tasks.task.add", {"fields": fields})
        if said.problem:
            return said
        task = said.result.get("task") if isinstance(said.result, Mapping) else None
        return Said(task.get("id") if isinstance(task, Mapping) else None)


def _task(client: Client, mark: str) -> Said:
    """The task with this mark; without a result: there is none yet."""
    params = {"filter": {"XML_ID": mark}, "select": ["ID", "XML_ID"]}
    said, _next = client.call("tasks.task.list", params)
    if said.problem:
        return said
    rows = said.result.get("tasks") if isinstance(said.result, Mapping) else None
    found: list[Any] = rows if isinstance(rows, list) else []
    ids = [row.get("id") for row in found if isinstance(row, Mapping) and row.get("xmlId") == mark]
    return Said(next(iter(ids), None))


def _place(to: str) -> Mapping[Record, str]:
    """The deal and the customer there that a desk is about, as far as they are there already."""
    kind, _colon, key = to.partition(":")
    if kind == _CUSTOMER:
        return records(CRM, Customer(id=key), "")
    if kind == _ORDER:
        orders = current_orders().read_orders([key])
        return records(CRM, customer_of(orders[0]) if orders else Customer(), key)
    return {}


def _in_charge(client: Client, place: Mapping[Record, str]) -> int:
    """The user who is, by the deal or else by the customer; 0: nobody is known."""
    for kind in (Record.DEAL, Record.CONTACT):
        if kind in place:
            said, _next = client.call(f"crm.{kind}.get", {"id": place[kind]})
            found = said.result if isinstance(said.result, Mapping) else {}
            user = str(found.get("ASSIGNED_BY_ID") or "")
            if user.isdigit() and int(user):
                return int(user)
    return 0


def _mark(key: str) -> str:
    """For a message of this store's: others may have the same portal."""
    digest = hmac.new(django_settings.SECRET_KEY.encode(), f"portal:{key}".encode(), hashlib.sha256)
    return f"{_CLIENT}-{digest.hexdigest()[:24]}"


def _written(text: Text) -> str:
    """As the portal shows it: links in BBCode, and none that somebody else has written."""
    links = [f"[url={one.url}]{_plain(one.label)}[/url]" for one in text.buttons if one.url]
    return "\n".join([_plain(text.body)[:_MOST_TEXT], *links])


def _plain(text: str) -> str:
    return text.strip().replace("[", "(").replace("]", ")")
