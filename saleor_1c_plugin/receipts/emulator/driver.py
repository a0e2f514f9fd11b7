"""The emulator as the room knows it."""

from collections.abc import Mapping, Sequence
from decimal import ROUND_HALF_UP, Decimal

from ..compose.document import Receipt
from ..driver import (
    Answer,
    Health,
    Missing,
    Progress,
    Refused,
    ShiftReport,
)
from . import drive
from .models import Document
from .settings import EmulatorSettings

_KOPECK = Decimal("0.01")
_LONGEST_NAME = 128


class EmulatedRegister:
    """See :class:`~saleor_1c_plugin.receipts.driver.Register`, and ``KeepsShifts`` there."""

    def __init__(self, name: str) -> None:
        self.name = name

    def send(self, receipt: Receipt, external_id: str) -> Answer:
        _require_right(receipt)
        return _answer(drive.register(self.name, receipt, external_id))

    def find(self, external_id: str, reference: str) -> Answer:
        document = drive.find(self.name, external_id)
        if document is None:
            raise Missing("Такого чека нет")
        return _answer(document)

    def health(self) -> Health:
        return drive.health(self.name)

    def open_shift(self) -> ShiftReport:
        return drive.open_shift(self.name)

    def close_shift(self) -> ShiftReport | None:
        return drive.close_shift(self.name)

    def interim_report(self) -> ShiftReport | None:
        return drive.interim_report(self.name)


class EmulatorDriver:
    """See :class:`~saleor_1c_plugin.receipts.driver.Driver`."""

    name = "emulator"
    title = "Эмулятор кассы"
    #: As a register on a table.
    is_parallel = False

    def registers(self, saved: Mapping[str, object]) -> Sequence[EmulatedRegister]:
        drives = EmulatorSettings.from_configuration(saved).drives
        return [EmulatedRegister(f"{self.name}:{name}") for name in drives]


def _answer(document: Document) -> Answer:
    return Answer(Progress.DONE, str(document.number), drive.fiscal_data(document))


def _require_right(receipt: Receipt) -> None:
    """Turn down what a register would."""
    if not (receipt.buyer.email or receipt.buyer.phone):
        raise Refused("Нет адреса покупателя: укажите e-mail или телефон")
    if not receipt.items:
        raise Refused("В чеке нет ни одной позиции")
    if receipt.kind.is_correction != (receipt.correction is not None):
        raise Refused("У чека коррекции должно быть основание, у другого его нет")
    for item in receipt.items:
        if not 0 < len(item.name) <= _LONGEST_NAME:
            raise Refused(f"Наименование длиннее {_LONGEST_NAME} знаков или пустое: {item.name}")
        cost = (item.price * item.quantity).quantize(_KOPECK, ROUND_HALF_UP)
        if item.quantity <= 0 or item.price < 0 or item.amount != cost:
            raise Refused(f"Стоимость не равна цене на количество: {item.name}")
    if any(amount < 0 for amount in receipt.paid.values()):
        raise Refused("Сумма оплаты отрицательна")
    if sum(receipt.paid.values(), Decimal(0)) != receipt.total:
        raise Refused("Оплата не равна сумме чека")
