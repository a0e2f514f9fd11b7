"""A group of registers at OrangeData, and the driver."""

import json
from collections.abc import Mapping, Sequence

from django.utils.translation import gettext as _

from ...configuration import SettingsError
from ...outbox.calls import Reply
from ..compose.document import Receipt
from ..driver import (
    Answer,
    Health,
    Missing,
    OutcomeUnknown,
    Progress,
    Refused,
    Unavailable,
)
from . import reading, writing
from .client import Client
from .settings import OrangeDataSettings

#: Where receipts are, and where those that correct others are.
_DOCUMENTS, _CORRECTIONS = "documents", "correction12"
_NO_SIGNATURE = "подпись"


class OrangeDataRegister:
    """See :class:`~saleor_1c_plugin.receipts.driver.Register`.

    OrangeData gives a receipt to whichever register of the group is free, so a group is one
    register to us. An id is a receipt for ever: what is sent again under it is answered with 409.
    """

    def __init__(self, settings: OrangeDataSettings) -> None:
        self._settings = settings
        self._client = Client(settings)
        self.name = f"orangedata:{settings.inn}:{settings.group}"

    def __repr__(self) -> str:
        return f"OrangeDataRegister({self.name!r})"

    def send(self, receipt: Receipt, external_id: str) -> Answer:
        body = writing.document(receipt, self._sent_by, external_id)
        place = _CORRECTIONS if receipt.kind.is_correction else _DOCUMENTS
        reply = self._client.post(place, body)
        if reply.status == 201:
            return Answer(Progress.WAITING, f"{place}/{external_id}")
        if reply.status == 409:
            return self._found_again(external_id)
        _require_taken(reply)
        if reply.status == 400:
            raise Refused(
                f"OrangeData не приняла чек: {reading.errors(reply.json) or 'причина не названа'}"
            )
        raise OutcomeUnknown(f"OrangeData ответила: HTTP {reply.status}")

    def _found_again(self, external_id: str) -> Answer:
        try:
            return self.find(external_id, "")
        except Missing:
            # Sent again it would be known again: what there was is kept for some months only.
            raise OutcomeUnknown("OrangeData знает этот чек, но ничего о нём не говорит") from None

    def find(self, external_id: str, reference: str) -> Answer:
        """How it is; where the answer was lost it is not known which kind of receipt it was."""
        known = reference.partition("/")[0]
        places = (known,) if known else (_DOCUMENTS, _CORRECTIONS)
        for place in places:
            answer = self._find(place, external_id)
            if answer is not None:
                return answer
        raise Missing("OrangeData не знает такого чека")

    def health(self) -> Health:
        path = ("devices", "status", self._settings.inn, self._settings.group)
        reply = self._client.get(*path)
        if reply.status == 200:
            return reading.health(reply.json, self._settings.zone)
        _require_taken(reply)
        if reply.status == 400:
            return Health(problem=reading.errors(reply.json) or "Нет такой группы касс")
        raise OutcomeUnknown(f"OrangeData ответила: HTTP {reply.status}")

    def check_connection(self) -> str:
        """See :class:`~saleor_1c_plugin.receipts.connecting.Connects`.

        Raises
        ------
        SettingsError
            It does not let us in, and this is the setting that is wrong.
        """
        reply = self._client.post("check", json.dumps(self._sent_by, ensure_ascii=False).encode())
        if reply.status == 200:
            return _("Connected to the group %(group)s of INN %(inn)s.") % {
                "group": self._settings.group,
                "inn": self._settings.inn,
            }
        if reply.status == 401:
            raise SettingsError({"certificate": _("OrangeData does not accept the certificate.")})
        if reply.status == 400:
            said = reading.errors(reply.json)
            key = "signing_key" if _NO_SIGNATURE in said.lower() else "key_name"
            raise SettingsError({key: _("OrangeData says: %(why)s") % {"why": said or "HTTP 400"}})
        raise OutcomeUnknown(f"OrangeData ответила: HTTP {reply.status}")

    @property
    def _sent_by(self) -> Mapping[str, str]:
        settings = self._settings
        return {"inn": settings.inn, "group": settings.group, "key": settings.key_name}

    def _find(self, place: str, external_id: str) -> Answer | None:
        """How it is; ``None``: it is not there."""
        reply = self._client.get(place, self._settings.inn, "status", external_id)
        reference = f"{place}/{external_id}"
        match reply.status:
            case 200:
                data = reading.fiscal_data(reply.json, self._settings.zone)
                return Answer(Progress.DONE, reference, data)
            case 202:
                return Answer(Progress.WAITING, reference)
            case 400:
                return None
            case 422:
                raise Refused(reading.bad_codes(reply.json))
            case 524:
                raise Refused("Кассы OrangeData не успели обработать чек: отправьте его заново")
        _require_taken(reply)
        raise OutcomeUnknown(f"OrangeData ответила: HTTP {reply.status}")


class OrangeData:
    """See :class:`~saleor_1c_plugin.receipts.driver.Driver`."""

    name = "orangedata"
    title = "OrangeData"
    is_parallel = True

    def registers(self, saved: Mapping[str, object]) -> Sequence[OrangeDataRegister]:
        return [OrangeDataRegister(OrangeDataSettings.from_configuration(saved))]


def _require_taken(reply: Reply) -> None:
    """Say so where OrangeData has certainly done nothing, and not for the receipt's sake."""
    if reply.status == 401:
        raise Unavailable("OrangeData не принимает сертификат: проверьте настройки")
    if reply.status == 429:
        raise Unavailable("OrangeData просит обращаться реже")
    said = reading.errors(reply.json)
    # A proxy that has lost the answer says 503 too, but not in these words.
    if reply.status == 503 and "Retry-After" in reply.headers and said:
        raise Unavailable(f"Очередь OrangeData переполнена: {said}")
    if reply.status == 400 and _NO_SIGNATURE in said.lower():
        raise Unavailable("OrangeData не принимает подпись: проверьте ключ в настройках")
