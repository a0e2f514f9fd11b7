"""OrangeData, by version 2.31.3 of its protocol, for companies with registers of FFD 1.2.

It is spoken to over TLS: who calls, says a certificate; what is asked for is signed. What it does
not play it does not know: registers of FFD 1.05, checks of marking codes ahead, notifications.

Receipts wait until they are registered::

    with OrangeData() as orangedata:
        ...  # a receipt is sent to orangedata.url
        orangedata.work()
"""

import base64
import binascii
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from urllib.parse import unquote
from zoneinfo import ZoneInfo

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from saleor_1c_plugin.sandbox.standins.faults import Faults
from saleor_1c_plugin.sandbox.standins.messages import Answer, Request

from ...payments.standins.base import StandIn
from ...payments.standins.contract import Violation
from . import orangedata_format as form
from .orangedata_keys import Certified, certified, context, make_key

PREFIX = "/api/v2"
#: By which registers tell the time.
_CLOCK = ZoneInfo("Europe/Moscow")


@dataclass
class Device:
    """A register with its drive."""

    serial: str
    registration: str
    drive: str
    documents: int = 0
    shift: int = 20
    number: int = 0
    unsent: int = 0


@dataclass
class Company:
    """Who has registers there.

    Attributes
    ----------
    client
        Its certificate, for connections.
    signers
        Name of a key → the key under what it asks for.
    groups
        Name → registers.
    """

    inn: str
    client: Certified
    signers: dict[str, rsa.RSAPrivateKey]
    groups: dict[str, list[Device]]


@dataclass
class Document:
    """A receipt.

    Attributes
    ----------
    state
        ``queued``, ``done``, ``expired``, ``refused`` (for its marking codes) or ``archived``.
    """

    kind: str
    asked: Mapping[str, Any]
    state: str = "queued"
    device: Device | None = None
    number: int = 0
    index: int = 0
    shift: int = 0
    sign: str = ""
    processed: datetime | None = None

    @property
    def content(self) -> Mapping[str, Any]:
        content: Mapping[str, Any] = self.asked["content"]
        return content

    @property
    def total(self) -> Decimal:
        return form.cost(self.content)


def company(inn: str = "7727401209", group: str = "Main_2") -> Company:
    """One with two registers."""
    devices = [
        Device(f"{1400000000001033 + place}", f"{400054952 + place:016}", f"{drive}")
        for place, drive in enumerate((9999078900001341, 9999078900001342))
    ]
    return Company(inn, certified(f"client {inn}"), {inn: make_key()}, {group: devices})


class OrangeData(StandIn):
    """See the base.

    Parameters
    ----------
    companies
        One by default.
    quick
        A receipt is registered as soon as it is taken.
    """

    def __init__(
        self,
        *companies: Company,
        quick: bool = False,
        faults: Faults | None = None,
        senders: int = 1,
        port: int = 0,
    ) -> None:
        super().__init__(None, faults, senders, port, context())
        self.companies = {one.inn: one for one in companies or [company()]}
        self.quick = quick
        #: Marking codes that the marking system does not accept.
        self.bad_codes: set[str] = set()
        #: It takes no more receipts for now.
        self.is_full = False
        #: By company and id: an id is one receipt, of whatever kind.
        self.documents: dict[tuple[str, str], Document] = {}

    @property
    def url(self) -> str:
        """Of the API."""
        return self.address + PREFIX

    @property
    def company(self) -> Company:
        """The only one."""
        (found,) = self.companies.values()
        return found

    @property
    def done(self) -> list[Document]:
        with self._lock:
            return [one for one in self.documents.values() if one.state == "done"]

    # What happens by itself.

    def work(self) -> None:
        """Registers print what is queued."""
        with self._lock:
            for document in self.documents.values():
                if document.state == "queued":
                    self._print(document)

    def expire(self, external_id: str) -> None:
        """No register got to a receipt in time."""
        with self._lock:
            for (_inn, known), document in self.documents.items():
                if known == external_id and document.state == "queued":
                    document.state = "expired"

    def archive(self, external_id: str) -> None:
        """It was done months ago: nothing is said of it any more."""
        with self._lock:
            for (_inn, known), document in self.documents.items():
                if known == external_id:
                    document.state = "archived"

    def pass_time(self) -> None:
        """Nothing falls due by itself."""

    def _print(self, document: Document) -> None:
        if any(line.get("itemCode") in self.bad_codes for line in document.content["positions"]):
            document.state = "refused"
            return
        owner = self.companies[document.asked["inn"]]
        devices = owner.groups[document.asked["group"]]
        device = min(devices, key=lambda one: one.documents)
        device.documents += 1
        device.number += 1
        document.state, document.device = "done", device
        document.number, document.index = device.documents, device.number
        document.shift, document.processed = device.shift, self.now()
        printed = f"{device.drive}{device.documents}{document.total}".encode()
        document.sign = f"{int(hashlib.sha256(printed).hexdigest()[:8], 16):010}"

    # The API.

    def is_api(self, path: str) -> bool:
        return path.startswith(f"{PREFIX}/")

    def admit(self, request: Request) -> Answer | None:
        known = {one.client.fingerprint for one in self.companies.values()}
        return None if request.peer in known else Answer(401)

    def refuse(self, violation: Violation) -> Answer:
        return _errors(violation.reason)

    def broken(self, status: int) -> Answer:
        return Answer(status, f"<html><h1>{status}</h1></html>".encode(), "text/html")

    def page(self, request: Request) -> Answer:
        return Answer(404)

    def act(self, request: Request) -> Answer:
        path = [unquote(part) for part in request.path.removeprefix(f"{PREFIX}/").split("/")]
        match request.method, *path:
            case "POST", ("documents" | "correction12") as kind, "":
                return self._create(request, kind)
            case "GET", ("documents" | "correction12") as kind, inn, "status", external_id:
                return self._status(request, kind, inn, external_id)
            case "GET", "devices", "status", inn, group:
                return self._devices(request, inn, group)
            case "POST", "check", "":
                return self._check(request)
        return Answer(404)

    def _create(self, request: Request, kind: str) -> Answer:
        body = _parsed(request.body)
        wrong = form.document(body, is_correction=kind == "correction12")
        wrong = wrong or self._access(request, body)
        if wrong:
            return _errors(*wrong)
        if body["content"]["type"] > 2:
            return _errors("The stand-in does not play purchases")
        place = (body["inn"], body["id"])
        if place in self.documents:
            return Answer(409)
        if self.is_full:
            full = _errors("Очередь документов переполнена")
            return Answer(503, full.body, headers={"Retry-After": "20"})
        document = self.documents[place] = Document(kind, body)
        if self.quick:
            self._print(document)
        return Answer(201)

    def _status(self, request: Request, kind: str, inn: str, external_id: str) -> Answer:
        document = self.documents.get((inn, external_id))
        if document is None or document.kind != kind or document.state == "archived":
            return _errors("Чек с указанным идентификатором не найден")
        if not self._is_own(request, inn):
            return _errors("Организация не найдена")
        match document.state:
            case "queued":
                return Answer(202)
            case "expired":
                return Answer(524)
            case "refused":
                return _answer(422, {"errors": self._code_errors(document)})
        assert document.device
        assert document.processed
        device = document.device
        told = {
            "id": external_id,
            "deviceSN": device.serial,
            "deviceRN": device.registration,
            "fsNumber": device.drive,
            "ofdName": 'ООО "Ярус"("ОФД-Я")',
            "ofdWebsite": "www.ofd-ya.ru",
            "ofdinn": "7728699517",
            "fnsWebsite": "www.nalog.ru",
            "companyINN": inn,
            "companyName": "ЗАО ТОРГОВЫЙ ОБЪЕКТ №1",
            "documentNumber": document.number,
            "shiftNumber": document.shift,
            "documentIndex": document.index,
            "processedAt": f"{document.processed.astimezone(_CLOCK):%Y-%m-%dT%H:%M:%S}",
            "content": document.content,
            "change": 0.0,
            "fp": document.sign,
        }
        return _answer(200, told)

    def _code_errors(self, document: Document) -> list[dict[str, Any]]:
        return [
            {
                "position": place,
                "itemCode": line["itemCode"],
                "checkResult": {"fsCheckStatus": 1, "checkResult": 5, "oismCheckResultCode": 0},
            }
            for place, line in enumerate(document.content["positions"])
            if line.get("itemCode") in self.bad_codes
        ]

    def _devices(self, request: Request, inn: str, group: str) -> Answer:
        owner = self.companies.get(inn)
        if owner is None or group not in owner.groups or not self._is_own(request, inn):
            return _errors("Группа не найдена")
        devices = [
            {
                "deviceSN": one.serial,
                "fsNumber": one.drive,
                "ofdName": None,
                "ofdAddress": None,
                "unsentDocumentsCount": one.unsent,
                "firstUnsentDocumentDate": None,
                "fsDocumentsCount": one.documents,
                "fsExpirationDate": f"20{30 + place}-12-09T14:16:00",
            }
            for place, one in enumerate(owner.groups[group])
        ]
        return _answer(200, {"devices": devices})

    def _check(self, request: Request) -> Answer:
        body = _parsed(request.body)
        wrong = form.check(body) or self._access(request, body)
        return _errors(*wrong) if wrong else Answer(200)

    # Rules.

    def _is_own(self, request: Request, inn: str) -> bool:
        """Whether the certificate is that company's."""
        owner = self.companies.get(inn)
        return owner is not None and owner.client.fingerprint == request.peer

    def _access(self, request: Request, body: Mapping[str, Any]) -> list[str]:
        """What is wrong with who asks."""
        if not self._is_own(request, body["inn"]):
            return ["Организация не найдена"]
        owner = self.companies[body["inn"]]
        signer = owner.signers.get(body["key"])
        if signer is None:
            return ["Ключ не найден"]
        if body["group"] not in owner.groups:
            return ["Группа не найдена"]
        try:
            signed = base64.b64decode(request.headers.get("x-signature", ""), validate=True)
            signer.public_key().verify(signed, request.body, padding.PKCS1v15(), hashes.SHA256())
        except (InvalidSignature, binascii.Error):
            return ["Подпись не прошла проверку"]
        return []


def _parsed(body: bytes) -> Any:
    try:
        return json.loads(body, parse_float=Decimal)
    except ValueError:
        return None


def _errors(*wrong: str) -> Answer:
    return Answer.of(400, {"errors": list(wrong)})


def _answer(status: int, told: Mapping[str, Any]) -> Answer:
    # Decimals come as numbers.
    return Answer(status, json.dumps(told, ensure_ascii=False, default=float).encode())
