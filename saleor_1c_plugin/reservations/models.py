"""What is held for whom, at which price, until when; and how it ended."""

from uuid import uuid4

from django.db import models
from django.db.models import Q
from django.utils import timezone

from ..store.carts import BuyerKind


class End(models.TextChoices):
    """How a hold ended."""

    EXPIRED = "expired"
    CANCELLED = "cancelled"
    BOUGHT = "bought"
    #: The line was taken out of the cart, or the cart is gone.
    REMOVED = "removed"
    #: There is less of it than was held.
    STOCK_FELL = "stock_fell"
    #: It can't be bought any more.
    UNAVAILABLE = "unavailable"
    #: More or other goods, another address or buyer: what the line needs now can't be held.
    CHANGED = "changed"


class HoldQuerySet(models.QuerySet["Hold"]):
    def in_cart(self, cart_id: str) -> "HoldQuerySet":
        """Those of a cart; none where the id comes from outside and can't be one."""
        return self.none() if "\0" in cart_id else self.filter(cart_id=cart_id)

    def unsettled(self) -> "HoldQuerySet":
        """Those that the cart's line still has something of: units, a price, news to be told."""
        return self.filter(is_settled=False)

    def live(self) -> "HoldQuerySet":
        """Those in force at this moment, whether or not anybody has tidied up after the others."""
        return self.unsettled().filter(end="", ends__gt=timezone.now())

    def over(self) -> "HoldQuerySet":
        """Those that have ended, and that nobody has tidied up after."""
        return self.unsettled().filter(ends__lte=timezone.now())


class Hold(models.Model):
    """All units of a cart's line, held for its buyer until :attr:`ends`.

    The units themselves are rows of the shop's own (:mod:`~saleor_1c_plugin.store.carts`); this
    row is written in the same transaction and adds what the shop has no place for.
    """

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    #: Ids of the shop's.
    cart_id = models.CharField(max_length=64)
    line_id = models.CharField(max_length=64)
    variant_id = models.CharField(max_length=64)
    channel = models.SlugField(max_length=255)
    kind = models.CharField(max_length=8, choices=[(kind.value, kind.value) for kind in BuyerKind])
    #: Whose units count together: the account, or a guest's cart.
    buyer = models.CharField(max_length=80)
    #: Id of the account; empty for a guest.
    buyer_id = models.CharField(max_length=64, blank=True)
    place = models.CharField(max_length=64, blank=True)
    quantity = models.PositiveIntegerField()
    #: Of one, as the cart showed it; ``None`` where somebody else sets the line's price.
    price = models.DecimalField(max_digits=15, decimal_places=3, null=True)
    currency = models.CharField(max_length=3)
    began = models.DateTimeField()
    #: When it ends, a payment's grace included.
    ends = models.DateTimeField()
    #: When it ends without that grace.
    term = models.DateTimeField()
    #: However often it is extended, it never ends later.
    latest = models.DateTimeField()
    reminded = models.DateTimeField(null=True, blank=True)
    end = models.CharField(max_length=11, choices=End.choices, blank=True)
    ended = models.DateTimeField(null=True, blank=True)
    #: The line costs what the catalogue asks again, and the buyer was told.
    is_settled = models.BooleanField(default=False)
    order_id = models.CharField(max_length=64, blank=True)

    objects = HoldQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["line_id"], condition=Q(end=""), name="onec_reservations_line_once"
            ),
        ]
        indexes = [
            models.Index(fields=["cart_id"], name="onec_hold_cart"),
            *(
                models.Index(fields=fields, condition=Q(is_settled=False), name=name)
                for name, fields in {
                    "onec_hold_buyer": ["buyer", "ends"],
                    "onec_hold_ends": ["ends"],
                    "onec_hold_variant": ["variant_id", "began"],
                }.items()
            ),
            models.Index(fields=["ended"], name="onec_hold_ended"),
        ]

    def __str__(self) -> str:
        return f"{self.quantity} × {self.variant_id}"
