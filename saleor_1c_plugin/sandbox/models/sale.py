"""Buyers, their carts and orders."""

from decimal import Decimal
from uuid import uuid4

from django.db import models
from django.db.models import Q, QuerySet
from django.utils import timezone

from ...store.orders import DiscountKind, OrderStatus, PaymentKind
from .catalog import Stock, Variant, Warehouse


class Customer(models.Model):
    #: In lower case.
    email = models.EmailField(unique=True)
    first_name = models.CharField(max_length=250, blank=True)
    last_name = models.CharField(max_length=250, blank=True)
    phone = models.CharField(max_length=32, blank=True)
    metadata = models.JSONField(default=dict)
    #: What only staff see.
    private_metadata = models.JSONField(default=dict)
    joined = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.email


class Cart(models.Model):
    """A cart.

    Writes of it and of its lines are told to those who listen (:mod:`..cart_events`), those in
    bulk are not.
    """

    #: What the buyer's cookie holds.
    key = models.UUIDField(default=uuid4, unique=True)
    channel = models.SlugField()
    #: Who has signed in.
    customer = models.ForeignKey(Customer, null=True, on_delete=models.SET_NULL)
    for_company = models.BooleanField(default=False)
    #: A payment has been started and has not ended.
    is_being_paid = models.BooleanField(default=False)
    #: The order takes it over.
    metadata = models.JSONField(default=dict)
    created = models.DateTimeField(auto_now_add=True)
    #: By its buyer; its lines have times of their own.
    touched = models.DateTimeField(auto_now=True)


class CartLine(models.Model):
    cart = models.ForeignKey(Cart, on_delete=models.CASCADE, related_name="lines")
    variant = models.ForeignKey(Variant, on_delete=models.CASCADE)
    quantity = models.PositiveIntegerField(default=1)
    #: Of one, with tax: what is charged whatever the catalogue asks.
    frozen = models.DecimalField(max_digits=15, decimal_places=2, null=True)
    metadata = models.JSONField(default=dict)
    touched = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["cart", "variant"], name="onec_sandbox_cart_line"),
        ]


class Reservation(models.Model):
    """Units of a stock that nobody but a line's buyer can have until a moment.

    A row whose moment is over says nothing, whether or not somebody has deleted it.
    """

    line = models.ForeignKey(CartLine, on_delete=models.CASCADE, related_name="reservations")
    stock = models.ForeignKey(Stock, on_delete=models.CASCADE, related_name="reservations")
    quantity = models.PositiveIntegerField()
    reserved_until = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(fields=["stock", "reserved_until"], name="onec_sandbox_reserved_until"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["line", "stock"], name="onec_sandbox_reservation_once"),
        ]


class Order(models.Model):
    """An order; its number is the primary key.

    Every write of it, or of what belongs to it, moves `updated` and is told to those who listen
    (:mod:`..order_events`); writes in bulk do neither.
    """

    #: The order's id outside: unguessable, since it is the address of the buyer's page too.
    key = models.UUIDField(default=uuid4, unique=True)
    channel = models.SlugField()
    currency = models.CharField(max_length=3)
    status = models.CharField(
        max_length=15,
        choices=[(status.value, status.value) for status in OrderStatus],
        default=OrderStatus.UNCONFIRMED.value,
    )
    customer = models.ForeignKey(Customer, null=True, on_delete=models.SET_NULL)
    email = models.EmailField(blank=True)
    first_name = models.CharField(max_length=250, blank=True)
    last_name = models.CharField(max_length=250, blank=True)
    #: Fields of an :class:`~saleor_1c_plugin.store.orders.Address`.
    billing = models.JSONField(null=True)
    shipping = models.JSONField(null=True)
    delivery_id = models.CharField(max_length=50, blank=True)
    delivery_name = models.CharField(max_length=250, blank=True)
    delivery_price = models.DecimalField(max_digits=15, decimal_places=2, default=Decimal(0))
    delivery_tax_percent = models.DecimalField(max_digits=5, decimal_places=2, null=True)
    #: Where the buyer fetches it.
    pickup = models.ForeignKey(Warehouse, null=True, on_delete=models.SET_NULL)
    gift_card_code = models.CharField(max_length=50, blank=True)
    gift_card_amount = models.DecimalField(max_digits=15, decimal_places=2, default=Decimal(0))
    note = models.TextField(blank=True)
    metadata = models.JSONField(default=dict)
    #: What only staff see.
    private_metadata = models.JSONField(default=dict)
    #: 1C's id of an order that was made there.
    onec_reference = models.CharField(max_length=255, blank=True)
    #: 1C knows of it: its stock figures may already have it subtracted.
    taken = models.BooleanField(default=False)
    created = models.DateTimeField(auto_now_add=True)
    updated = models.DateTimeField(auto_now=True)

    class Meta:
        indexes = [models.Index(fields=["updated", "key"], name="onec_sandbox_order_changed")]
        constraints = [
            models.UniqueConstraint(
                fields=["onec_reference"],
                condition=~Q(onec_reference=""),
                name="onec_sandbox_order_of_onec",
            ),
        ]

    def __str__(self) -> str:
        return str(self.pk)


class OrderLine(models.Model):
    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="lines")
    variant = models.ForeignKey(Variant, null=True, on_delete=models.SET_NULL)
    #: Where the goods are held until they are shipped.
    warehouse = models.ForeignKey(Warehouse, null=True, on_delete=models.SET_NULL)
    name = models.CharField(max_length=250)
    variant_name = models.CharField(max_length=255, blank=True)
    sku = models.CharField(max_length=255, blank=True)
    quantity = models.PositiveIntegerField()
    shipped = models.PositiveIntegerField(default=0)
    #: Of one, with tax, before discounts.
    price = models.DecimalField(max_digits=15, decimal_places=2)
    #: Of all, with tax, less the line's share of the order's discounts.
    total = models.DecimalField(max_digits=15, decimal_places=2)
    #: ``None``: not taxed.
    tax_percent = models.DecimalField(max_digits=5, decimal_places=2, null=True)

    class Meta:
        ordering = ["pk"]


class Discount(models.Model):
    """A discount of a whole order, spread over its lines' totals."""

    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="discounts")
    kind = models.CharField(
        max_length=9, choices=[(kind.value, kind.value) for kind in DiscountKind]
    )
    name = models.CharField(max_length=250)
    code = models.CharField(max_length=50, blank=True)
    #: Of what the lines cost, whichever they are; ``None``: the amount stands.
    percent = models.DecimalField(max_digits=5, decimal_places=2, null=True)
    amount = models.DecimalField(max_digits=15, decimal_places=2, default=Decimal(0))

    class Meta:
        ordering = ["pk"]


class Payment(models.Model):
    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="payments")
    kind = models.CharField(
        max_length=10, choices=[(kind.value, kind.value) for kind in PaymentKind]
    )
    amount = models.DecimalField(max_digits=15, decimal_places=2)
    at = models.DateTimeField()
    method = models.CharField(max_length=250, blank=True)
    gateway = models.CharField(max_length=250, blank=True)
    #: Whoever took the money calls it so.
    reference = models.CharField(max_length=255)
    from_onec = models.BooleanField(default=False)

    class Meta:
        ordering = ["at", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["order", "from_onec", "reference"], name="onec_sandbox_payment_once"
            ),
        ]


class Shipment(models.Model):
    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="shipments")
    #: 1C's id of it.
    reference = models.CharField(max_length=255)
    at = models.DateTimeField()
    tracking = models.CharField(max_length=255, blank=True)
    warehouse = models.ForeignKey(Warehouse, null=True, on_delete=models.SET_NULL)

    class Meta:
        ordering = ["at", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["order", "reference"], name="onec_sandbox_shipment_once"
            ),
        ]


class ShipmentLine(models.Model):
    shipment = models.ForeignKey(Shipment, on_delete=models.CASCADE, related_name="lines")
    line = models.ForeignKey(OrderLine, on_delete=models.CASCADE)
    quantity = models.PositiveIntegerField()


class Remark(models.Model):
    """A word to the staff in an order's history."""

    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="remarks")
    text = models.TextField()
    created = models.DateTimeField(auto_now_add=True)


def held(lines: QuerySet[OrderLine]) -> QuerySet[OrderLine]:
    """Those `lines` whose goods, all or some, are still on hand and promised to a buyer."""
    return lines.filter(
        order__status__in=[OrderStatus.UNCONFIRMED, OrderStatus.OPEN, OrderStatus.PARTLY_SHIPPED]
    )


def in_force(reservations: QuerySet[Reservation]) -> QuerySet[Reservation]:
    """Those of the `reservations` whose time is not over at this moment."""
    return reservations.filter(reserved_until__gt=timezone.now())
