"""A shop that does nothing but write down what it is told of money."""

from decimal import Decimal
from threading import Lock

from saleor_1c_plugin.store.payments import Report, ReportKind
from saleor_1c_plugin.store.ports import StoreError


class Ledger:
    """Kept by all instances together; each fact once, as a shop does."""

    reports: list[Report] = []
    #: Told again.
    repeated: list[Report] = []
    #: Ids of transactions that the shop has lost.
    unknown: set[str] = set()
    _lock = Lock()

    @classmethod
    def clear(cls) -> None:
        cls.reports.clear()
        cls.repeated.clear()
        cls.unknown.clear()

    def ensure_gateway(self, gateway: str, name: str) -> None:
        """Everybody may pay."""

    def report(self, gateway: str, report: Report) -> bool:
        if report.transaction in self.unknown:
            raise StoreError("Нет такой транзакции")
        with self._lock:
            known = {(one.transaction, one.kind, one.reference) for one in self.reports}
            is_new = (report.transaction, report.kind, report.reference) not in known
            (self.reports if is_new else self.repeated).append(report)
        return is_new

    @classmethod
    def told(cls) -> list[tuple[ReportKind, Decimal]]:
        return [(report.kind, report.amount) for report in cls.reports]

    @classmethod
    def balance(cls) -> Decimal:
        """What the shop believes to have."""
        signs = {
            ReportKind.CHARGED: 1,
            ReportKind.REFUNDED: -1,
            ReportKind.CHARGED_BACK: -1,
        }
        return sum(
            (report.amount * signs.get(report.kind, 0) for report in cls.reports), Decimal(0)
        )
