"""A checkout as the reservations room sees it, in two queries."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import (
    Case,
    DecimalField,
    Exists,
    F,
    OuterRef,
    Q,
    Subquery,
    Sum,
    Value,
    When,
)
from django.db.models.functions import Coalesce, Now, NullIf
from django.utils import timezone
from saleor.checkout import CheckoutAuthorizeStatus, CheckoutChargeStatus
from saleor.checkout.models import Checkout, CheckoutLine
from saleor.discount import DiscountType
from saleor.discount.models import CheckoutLineDiscount
from saleor.payment import TransactionEventType
from saleor.payment.models import Payment, TransactionEvent, TransactionItem
from saleor.product.models import (
    Category,
    ProductChannelListing,
    ProductVariantChannelListing,
)

from ..carts import BuyerKind, Cart, CartLine
from ..prepared import prepared
from .cart_prices import FROZEN
from .uuids import uuids

#: Saleor's own precision of an amount.
_UNIT = Decimal("0.001")
#: A completion that began longer ago has died.
_COMPLETING = timedelta(minutes=3)
#: What a payment is at when it has been started and has not ended.
_STARTED = [
    TransactionEventType.AUTHORIZATION_REQUEST,
    TransactionEventType.AUTHORIZATION_ACTION_REQUIRED,
    TransactionEventType.CHARGE_REQUEST,
    TransactionEventType.CHARGE_ACTION_REQUIRED,
]


def read_cart(cart_id: str) -> Cart | None:
    found = next((row for key in uuids([cart_id]) for row in _cart_row(key)), None)
    if found is None:
        return None
    # What is counted and still valid is what the buyer sees; otherwise it will be counted anew.
    is_counted = found["price_expiration"] > timezone.now()
    return Cart(
        id=cart_id,
        channel=found["channel__slug"],
        currency=found["currency"],
        kind=_kind(found),
        buyer_id=str(found["user_id"] or ""),
        lines=tuple(_line(row, is_counted) for key in uuids([cart_id]) for row in _line_rows(key)),
        is_being_paid=found["paying"],
        place=f"{found['destination']} {found['collection_point_id'] or ''}".rstrip(),
    )


def gone(line_ids: Collection[str]) -> Collection[str]:
    rows = CheckoutLine.objects.filter(pk__in=uuids(line_ids)).values_list("pk", flat=True)
    there = {str(pk) for pk in rows}
    return [line_id for line_id in line_ids if line_id not in there]


def unavailable(line_ids: Collection[str]) -> Collection[str]:
    rows = CheckoutLine.objects.filter(pk__in=uuids(line_ids)).annotate(asked=_asked())
    return [str(pk) for pk in rows.filter(asked=None).values_list("pk", flat=True)]


def left(
    moment: datetime, after_id: str, until: datetime, limit: int
) -> Sequence[tuple[datetime, str]]:
    """See :meth:`~saleor_1c_plugin.store.carts.CartStore.left`."""
    rows = Checkout.objects.filter(
        Exists(CheckoutLine.objects.filter(checkout=OuterRef("pk"), is_gift=False)),
        # An account always has an address.
        ~Q(email="") & Q(email__isnull=False) | Q(user__isnull=False),
        last_change__gte=moment,
        last_change__lte=until,
        charge_status=CheckoutChargeStatus.NONE,
        authorize_status=CheckoutAuthorizeStatus.NONE,
    )
    if after_id:
        rows = rows.exclude(last_change=moment, pk__lte=after_id)
    found = rows.order_by("last_change", "pk").values_list("last_change", "pk")[:limit]
    return [(touched, str(pk)) for touched, pk in found]


def _kind(found: dict[str, Any]) -> BuyerKind:
    if found["company"]:
        return BuyerKind.COMPANY
    return BuyerKind.CUSTOMER if found["user_id"] else BuyerKind.GUEST


def _cart(key: UUID) -> Any:
    rows = Checkout.objects.filter(pk=key).annotate(
        paying=_being_paid(),
        company=Coalesce(
            "billing_address__company_name", "user__default_billing_address__company_name"
        ),
        destination=Coalesce(
            NullIf("shipping_address__country", Value("")),
            NullIf("billing_address__country", Value("")),
            "country",
        ),
    )
    return rows.values(
        *("channel__slug", "currency", "user_id", "company", "destination", "paying"),
        *("price_expiration", "collection_point_id"),
    )


def _lines(key: UUID) -> Any:
    discounts = CheckoutLineDiscount.objects.filter(line=OuterRef("pk")).order_by()
    promoted = discounts.filter(type=DiscountType.PROMOTION).values("line")
    category = "variant__product__category"
    above = Category.objects.filter(
        tree_id=OuterRef(f"{category}__tree_id"),
        lft__lte=OuterRef(f"{category}__lft"),
        rght__gte=OuterRef(f"{category}__rght"),
    )
    return (
        CheckoutLine.objects.filter(checkout_id=key)
        .annotate(
            asked=_asked(),
            promotion=Subquery(promoted.annotate(sum=Sum("amount_value")).values("sum")),
            frozen=Exists(discounts.filter(FROZEN)),
            preordered=_is_preordered(),
            categories=ArraySubquery(above.order_by("lft").values("slug")),
        )
        .values(
            *("id", "variant_id", "quantity", "is_gift", "price_override", "asked", "promotion"),
            *("frozen", "preordered", "categories", "undiscounted_unit_price_amount"),
            "variant__track_inventory",
        )
    )


def _line(row: dict[str, Any], is_counted: bool) -> CartLine:
    price: Decimal | None = row["asked"]
    overridden: Decimal | None = row["price_override"]
    is_frozen = row["frozen"] and overridden is not None
    if price is not None and is_counted and overridden is None and row["quantity"]:
        off = (row["promotion"] or Decimal(0)) / row["quantity"]
        price = (row["undiscounted_unit_price_amount"] - off).quantize(_UNIT)
    return CartLine(
        id=str(row["id"]),
        variant_id=str(row["variant_id"]),
        quantity=row["quantity"],
        price=price,
        frozen=overridden if is_frozen else None,
        is_counted=row["variant__track_inventory"] and not row["preordered"],
        is_gift=row["is_gift"],
        has_own_price=overridden is not None and not is_frozen,
        categories=tuple(row["categories"]),
    )


def _asked() -> Subquery:
    """What the catalogue asks for the goods; NULL where they can't be bought in the channel."""
    shown = ProductChannelListing.objects.filter(
        product_id=OuterRef("variant__product_id"),
        channel_id=OuterRef("channel_id"),
        is_published=True,
        available_for_purchase_at__lte=Now(),
    ).exclude(published_at__gt=Now())
    listings = ProductVariantChannelListing.objects.filter(
        variant_id=OuterRef("variant_id"), channel_id=OuterRef("checkout__channel_id")
    )
    price = listings.filter(Exists(shown)).annotate(
        asked=Coalesce("discounted_price_amount", "price_amount")
    )
    return Subquery(price.values("asked")[:1], output_field=DecimalField())


def _is_preordered() -> Case:
    """Whether the goods are sold before there are any: their stock is not counted."""
    running = Q(variant__preorder_end_date=None) | Q(variant__preorder_end_date__gt=Now())
    return Case(When(running, then=F("variant__is_preorder")), default=False)


def _being_paid() -> Any:
    last = TransactionEvent.objects.filter(transaction=OuterRef("pk")).order_by("-pk")
    transactions = TransactionItem.objects.filter(checkout=OuterRef("pk")).annotate(
        last=Subquery(last.values("type")[:1])
    )
    has_money = Q(
        *[
            (f"{name}_value__gt", 0)
            for name in ("charged", "authorized", "charge_pending", "authorize_pending")
        ],
        _connector=Q.OR,
    )
    completing = Q(completing_started_at__gt=Now() - _COMPLETING)
    return Case(
        When(
            Exists(transactions.filter(has_money | Q(last__in=_STARTED)))
            | Exists(Payment.objects.filter(checkout=OuterRef("pk"), is_active=True))
            | completing,
            then=True,
        ),
        default=False,
    )


_cart_row = prepared(_cart, uuid4())
_line_rows = prepared(_lines, uuid4())
