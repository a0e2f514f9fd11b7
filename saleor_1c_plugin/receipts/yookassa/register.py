"""The registers that are behind a shop at YooKassa: one to us."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils import timezone
from django.utils.translation import gettext as _

from ..compose.document import Receipt
from ..connecting import AccessDenied
from ..driver import Answer, Health, Missing
from . import reading, writing
from .client import Client
from .settings import YooKassaReceiptsSettings

#: How long YooKassa knows a key again, by its documentation; less what a call may take.
_KEY_KEPT = timedelta(hours=23, minutes=55)
_OWN = "avanpost"


@dataclass(frozen=True, slots=True)
class Kept:
    """A receipt as the room keeps it."""

    receipt: Receipt
    #: It was not sent before.
    since: datetime
    #: YooKassa's ids of other receipts.
    others: Sequence[str]


class YooKassaRegister:
    """See :class:`~saleor_1c_plugin.receipts.driver.Register`.

    YooKassa keeps no id of ours with a receipt. For a day it knows the key of a call, and what is
    sent again under it is the same receipt; later the one that was sent is looked for among those
    of its payment.

    Parameters
    ----------
    recall
        What was sent with this external id; ``None``: nothing was.
    """

    def __init__(
        self, settings: YooKassaReceiptsSettings, recall: Callable[[str], Kept | None]
    ) -> None:
        self._settings = settings
        self._client = Client(settings)
        self._recall = recall
        self.name = f"yookassa_receipts:{settings.shop_id}"

    def __repr__(self) -> str:
        return f"YooKassaRegister({self.name!r})"

    def send(self, receipt: Receipt, external_id: str) -> Answer:
        body = writing.body(receipt, self._settings.time_zone)
        return reading.answer(self._client.create(body, external_id))

    def objection(self, receipt: Receipt) -> str:
        """See :class:`~saleor_1c_plugin.receipts.driver.Chooses`."""
        return writing.objection(receipt)

    def find(self, external_id: str, reference: str) -> Answer:
        if reference:
            return reading.answer(self._client.receipt(reference))
        kept = self._recall(external_id)
        if kept is None:
            raise Missing("Такого чека нет")
        if timezone.now() - kept.since < _KEY_KEPT:
            return self.send(kept.receipt, external_id)
        body = writing.body(kept.receipt, self._settings.time_zone)
        listed = self._client.receipts(writing.about(kept.receipt))
        found = reading.same(body, listed, kept.others)
        if found is None:
            raise Missing("У ЮKassa нет такого чека")
        return reading.answer(found)

    def health(self) -> Health:
        fiscalization = self._client.me().get("fiscalization")
        if not isinstance(fiscalization, dict) or fiscalization.get("enabled") is not True:
            return Health(problem="В ЮKassa не включена отправка чеков")
        return Health()

    def check_connection(self) -> str:
        """See :class:`~saleor_1c_plugin.receipts.connecting.Connects`."""
        me = self._client.me()
        shop = {"shop": str(me.get("account_id") or self._settings.shop_id)}
        fiscalization = me.get("fiscalization")
        if not isinstance(fiscalization, dict) or fiscalization.get("enabled") is not True:
            raise AccessDenied(_("The shop %(shop)s sends no receipts: switch that on.") % shop)
        if fiscalization.get("provider") == _OWN:
            return (
                _(
                    "The shop %(shop)s has receipts by YooKassa itself: only those that set a "
                    "prepayment off can be sent."
                )
                % shop
            )
        return _("Connected to the registers of the shop %(shop)s.") % shop
