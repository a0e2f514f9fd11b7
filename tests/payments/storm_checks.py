"""What a storm of payments has come to, and whether that is what it should."""

from collections import Counter, defaultdict
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db.models import Q, QuerySet, Sum

from saleor_1c_plugin.outbox.models import Message
from saleor_1c_plugin.payments.models import Attempt, Notification, Operation
from saleor_1c_plugin.payments.provider import Status

from .standins.book import Move
from .standins.yookassa import YooKassa

NONE = Decimal(0)
#: Charged and given back.
Sums = tuple[Decimal, Decimal]


class Aftermath:
    """All that has been written since a storm began, and the provider's book."""

    def __init__(self, yookassa: YooKassa, since: datetime) -> None:
        self._yookassa = yookassa
        self.attempts: QuerySet[Attempt] = Attempt.objects.filter(created__gte=since)
        self.operations: QuerySet[Operation] = Operation.objects.filter(created__gte=since)
        self.messages: QuerySet[Message] = Message.objects.filter(created__gte=since)
        self.notifications: QuerySet[Notification] = Notification.objects.filter(
            received__gte=since
        )

    def unsettled(self) -> dict[str, int]:
        """What is not over yet: kind → how many."""
        under_way = Q(status__in=("", Status.PENDING), problem="")
        counts = {
            "messages": self.messages.exclude(state=Message.State.DELIVERED).count(),
            "attempts": self.attempts.filter(under_way).count(),
            "operations": self.operations.filter(state=Operation.State.OPEN).count(),
            "notifications": self.notifications.filter(state=Notification.State.NEW).count(),
        }
        return {kind: count for kind, count in counts.items() if count}

    def stuck(self) -> list[Any]:
        """The first messages that are not delivered."""
        rows = self.messages.exclude(state=Message.State.DELIVERED).order_by("pk")
        return list(rows.values_list("topic", "state", "attempts", "reason", "due")[:10])

    def tally(self) -> Mapping[str, Sums]:
        """Payment → what the provider's book says."""
        charged: defaultdict[str, Decimal] = defaultdict(Decimal)
        refunded: defaultdict[str, Decimal] = defaultdict(Decimal)
        for entry in self._yookassa.book.entries:
            if entry.move is Move.CHARGED:
                charged[entry.payment] += entry.amount
            elif entry.move is Move.REFUNDED:
                refunded[entry.payment] += entry.amount
        return {pk: (charged[pk], refunded[pk]) for pk in self._yookassa.payments}

    def totals(self) -> Sums:
        """Of all payments, by the provider's book."""
        return self._yookassa.book.charged(), self._yookassa.book.refunded()

    def show(self) -> None:
        yookassa = self._yookassa
        failed = sum(1 for one in yookassa.exchanges if one.fault)
        met = {str(fault): times for fault, times in sorted(yookassa.faults.met.items())}
        print(f"{len(yookassa.exchanges)} calls, {failed} of them failed; {met}")
        print("attempts", dict(Counter(self.attempts.values_list("status", flat=True))))
        print("operations", dict(Counter(self.operations.values_list("kind", "state"))))
        print("charged", yookassa.book.charged(), "given back", yookassa.book.refunded())
        flagged = self.attempts.exclude(duplicate=0)
        print("paid twice", flagged.count(), flagged.aggregate(sum=Sum("duplicate"))["sum"])

    def check(self) -> None:
        self._check_attempts()
        self._check_operations()
        assert not self.messages.exclude(state=Message.State.DELIVERED).exists()
        assert not self.notifications.exclude(state=Notification.State.DONE).exists()

    def _check_attempts(self) -> None:
        """An attempt is one payment at most, and both know of the same money."""
        payments, book = self._yookassa.payments, self.tally()
        made = Counter(one.asked["metadata"]["onec_attempt"] for one in payments.values())
        assert not [attempt for attempt, times in made.items() if times > 1]
        rows = {row.payment_id: row for row in self.attempts.exclude(payment_id="")}
        assert rows.keys() == payments.keys()
        assert not self.attempts.exclude(problem="").exists()
        statuses = {
            "waiting_for_capture": Status.AUTHORISED,
            "succeeded": Status.CHARGED,
            "canceled": Status.CANCELLED,
        }
        done = self.operations.filter(kind=Operation.Kind.REFUND, state=Operation.State.DONE)
        refunded: defaultdict[object, Decimal] = defaultdict(Decimal)
        for attempt, amount in done.values_list("attempt", "amount"):
            refunded[attempt] += amount
        for payment_id, row in rows.items():
            payment = payments[payment_id]
            assert payment.asked["metadata"]["onec_attempt"] == str(row.pk)
            assert row.status == statuses[payment.status]
            assert (row.charged, refunded[row.pk]) == book[payment_id], payment_id

    def _check_operations(self) -> None:
        """What was asked for was done once, or it is said why not."""
        assert not self.operations.filter(state=Operation.State.OPEN).exists()
        rows = {str(row.pk): row for row in self.operations}
        refunds = self._yookassa.refunds
        given = Counter(
            refund.asked["metadata"]["onec_operation"]
            for refund in refunds.values()
            if refund.asked
        )
        assert not [operation for operation, times in given.items() if times > 1]
        for pk, row in rows.items():
            is_done = row.state == Operation.State.DONE
            assert is_done != bool(row.reason)
            if row.kind == Operation.Kind.REFUND and row.asked:
                assert (pk in given) == is_done
        assert {row.refund_id for row in rows.values() if row.refund_id} == refunds.keys()
