"""A group of ATOL Online's registers: to the room it is one, the service shares out the work."""

import json
from collections.abc import Callable, Mapping
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from ..compose.document import Receipt
from ..driver import Answer, Health, OutcomeUnknown, Progress, Refused, Unavailable
from . import reading, writing
from .client import Client, Reply
from .settings import AtolSettings

#: No document has it: only whether it may be asked for is of interest.
_NOBODY = "00000000-0000-0000-0000-000000000000"


class AtolRegister:
    """See :class:`~saleor_1c_plugin.receipts.driver.Register`.

    Parameters
    ----------
    recall
        The receipt that was sent with this external id, from where it is kept; ``None``: there is
        none. Of the service's ids alone a document can be asked for, and one whose answer was lost
        has none: sent once more with the same external id, it gets the one that it has.
    """

    def __init__(self, settings: AtolSettings, recall: Callable[[str], Receipt | None]) -> None:
        self._settings = settings
        self._recall = recall
        self._client = Client(settings)
        self.name = f"atol:{settings.group_code}"

    def __repr__(self) -> str:
        return f"AtolRegister({self.name!r})"

    def send(self, receipt: Receipt, external_id: str) -> Answer:
        operation = writing.operation(receipt, self._settings.version)
        body = writing.document(receipt, self._settings, external_id, timezone.now())
        reply = self._client.register(operation, body)
        uuid = reading.accepted(reply)
        if reply.code != reading.KNOWN:
            return Answer(Progress.WAITING, uuid)
        try:
            return self._report(uuid)
        except (OutcomeUnknown, Unavailable):
            # It has it, and its id is known now.
            return Answer(Progress.WAITING, uuid)

    def find(self, external_id: str, reference: str) -> Answer:
        if reference:
            return self._report(reference)
        receipt = self._recall(external_id)
        if receipt is None:
            raise Refused("Чек не найден у себя: спросить о нём АТОЛ Онлайн нельзя")
        return self.send(receipt, external_id)

    def health(self) -> Health:
        """The service tells nothing of its registers: whether it lets us in is all there is."""
        try:
            self._check()
        except (OutcomeUnknown, Unavailable) as error:
            return Health(problem=str(error))
        return Health()

    def check_connection(self) -> str:
        """See :class:`~saleor_1c_plugin.receipts.connecting.Connects`."""
        self._client.renew()
        self._check()
        group = {"group": self._settings.group_code}
        if self._settings.is_test:
            return _("Connected to the test stand, group %(group)s: no receipt counts.") % group
        return _("Connected to the group %(group)s.") % group

    def _check(self) -> None:
        """Whether the account may use the group, by this version of the protocol."""
        reply = self._client.report(_NOBODY)
        if reply.code != reading.NO_SUCH:
            self._outcome(reply, _NOBODY)

    def read(self, headers: Mapping[str, str], body: bytes) -> str:
        """See :class:`~saleor_1c_plugin.receipts.driver.Notifies`: document of version 4, 6.3."""
        try:
            told: Any = json.loads(body)
        except (RecursionError, ValueError):
            return ""
        if not isinstance(told, dict) or told.get("group_code") != self._settings.group_code:
            return ""
        found = told.get("external_id")
        return found if isinstance(found, str) else ""

    def _report(self, uuid: str) -> Answer:
        return self._outcome(self._client.report(uuid), uuid)

    def _outcome(self, reply: Reply, uuid: str) -> Answer:
        settings = self._settings
        return reading.outcome(reply, uuid, settings.zone, is_test=settings.is_test)
