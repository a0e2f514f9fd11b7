"""Ways to pay past every provider: by invoice, on delivery. Nobody can be asked, nobody notifies.

What a buyer begins so is a promise (:mod:`.promises`). By default it is one on which the shop may
rely: the shop is told that the money is authorised. A cart that is authorised in full becomes an
order in every channel, where one that only waits does so in those that let orders be unpaid; and
staff have the buttons to take the money, once a courier has brought it, and to let it go. Nothing
is held anywhere, and 1C is not told that it is: it hears how the buyer means to pay, and of a
payment when there is one.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal

from django.http import HttpRequest, HttpResponse, HttpResponseNotFound

from .models import Attempt
from .provider import Account, Order, Rejected, Snapshot, Status, Subject


class Offline:
    """A provider that is nobody; see :class:`~.provider.Provider`."""

    name: str
    title: str
    #: Nobody forgets a key where there is none.
    key_seconds = 10 * 365 * 24 * 3600
    headers: tuple[str, ...] = ()
    accepted = b""
    accepted_type = "text/plain"
    consent = b""

    def account(self, saved: Mapping[str, object]) -> Account:
        raise NotImplementedError

    def page(self, request: HttpRequest, path: str) -> HttpResponse:
        """What a browser gets at a path below the gateway's own."""
        return HttpResponseNotFound()

    def subject(self, body: bytes, headers: Mapping[str, str]) -> Subject:
        raise ValueError("There is nobody to notify of anything")

    def ends(self, attempt: Attempt) -> datetime | None:
        """When an attempt that nobody has paid is given up; ``None``: never."""
        return None


class OfflineAccount:
    """What an account has to do where nobody is called; see :class:`~.provider.Account`."""

    #: Name of the provider.
    provider: str
    two_stage = True
    methods: tuple[str, ...] = ()
    return_url = ""
    needs_return_url = False

    def snapshot(self, attempt: Attempt) -> Snapshot:
        """An attempt as it stands; one that has just begun, too."""
        raise NotImplementedError

    def require(self, order: Order) -> None:
        """Say whether this can be paid so.

        Raises
        ------
        Rejected
            It can't.
        """

    def create(self, order: Order, key: str) -> Snapshot:
        self.require(order)
        return self.snapshot(Attempt.objects.get(pk=order.attempt))

    def fetch(self, payment_id: str, operations: Sequence[str] = ()) -> Snapshot:
        return self.snapshot(Attempt.objects.get(payment_id=payment_id, provider=self.provider))

    def capture(self, payment_id: str, amount: Decimal, currency: str, key: str) -> Snapshot:
        raise Rejected("Nobody takes it but staff")

    def cancel(self, payment_id: str, key: str) -> Snapshot:
        raise Rejected("Nobody lets it go but staff")

    def check_connection(self) -> str:
        return ""

    def trusts(self, source: str, headers: Mapping[str, str], body: bytes) -> bool:
        return False

    def verify(self, headers: Mapping[str, str], body: bytes) -> bool:
        return False


def status_of(attempt: Attempt, *, relied_on: bool) -> Status:
    """Of an attempt's snapshot.

    Parameters
    ----------
    relied_on
        The shop takes one that has just begun for authorised.
    """
    if attempt.status:
        return Status(attempt.status)
    return Status.AUTHORISED if relied_on else Status.PENDING
