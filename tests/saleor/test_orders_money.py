"""Money of orders in a real Saleor: what it cost adds up to the kopeck, what was paid is told."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from saleor.channel.models import Channel
from saleor.discount.models import (
    Promotion,
    PromotionRule,
    Voucher,
    VoucherChannelListing,
    VoucherCode,
)
from saleor.giftcard.models import GiftCard
from saleor.order.models import Order as OrderRow
from saleor.order.utils import create_manual_order_discount
from saleor.payment.models import Payment, Transaction, TransactionEvent, TransactionItem
from saleor.product.models import Product
from saleor.product.utils.variant_prices import update_discounted_prices_for_promotion
from saleor.shipping.models import ShippingZone
from saleor.tax.models import TaxConfiguration
from saleor.warehouse.models import Warehouse

from saleor_1c_plugin.store.orders import DiscountKind, OrderDiscount, PaymentKind
from saleor_1c_plugin.store.saleor.mutations import refresh_prices

from .sales import (
    STORE,
    charge_taxes,
    complete,
    delivery,
    goods,
    place,
    read,
    saleor_total,
    sell_on_trust,
    start,
    tax_class,
)

pytestmark = pytest.mark.usefixtures("_open")


@pytest.fixture
def _open(shop: None) -> None:
    sell_on_trust()
    delivery("300")


def voucher(value: str, **values: object) -> Voucher:
    made = Voucher.objects.create(name="Скидка", **values)
    VoucherCode.objects.create(voucher=made, code="SALE")
    VoucherChannelListing.objects.create(
        voucher=made,
        channel=Channel.objects.get(slug="main"),
        currency="RUB",
        discount_value=Decimal(value),
    )
    return made


def cents(*amounts: str) -> list[Decimal]:
    return [Decimal(amount) for amount in amounts]


def test_a_voucher_on_the_entire_order_is_spread_over_its_lines() -> None:
    voucher("100")
    items = {goods(f"g{n}", "33.33"): 3 for n in range(3)}
    order = read(pk := place(items, "SALE"))
    assert order.total_gross == saleor_total(pk) == Decimal("499.97")
    assert sum(line.total_gross for line in order.lines) == Decimal("199.97")
    assert [line.undiscounted for line in order.lines] == cents("99.99", "99.99", "99.99")
    expected = OrderDiscount(DiscountKind.VOUCHER, "Скидка", Decimal("100.00"), "SALE")
    assert order.discounts == (expected,)
    assert order.voucher_code == "SALE"


def test_a_voucher_on_one_product_is_that_line_s_alone() -> None:
    cheap, dear = goods("cheap", "100"), goods("dear", "1000")
    voucher("10", type="specific_product", discount_value_type="percentage").products.add(
        dear.product
    )
    order = read(pk := place({cheap: 1, dear: 2}, "SALE"))
    assert [line.total_gross for line in order.lines] == cents("100", "1800")
    assert [line.undiscounted for line in order.lines] == cents("100", "2000")
    assert "SALE" in order.lines[1].discount_reason
    assert order.discounts == ()
    assert order.total_gross == saleor_total(pk) == 2200


def test_a_voucher_on_the_delivery_makes_it_cheaper_and_no_goods() -> None:
    voucher("50", type="shipping", discount_value_type="percentage")
    order = read(pk := place({goods("a", "100"): 1}, "SALE"))
    assert (order.delivery_gross, order.delivery_undiscounted) == (150, 300)
    assert order.discounts == ()
    assert order.total_gross == saleor_total(pk) == 250


def test_a_manual_discount_touches_goods_and_delivery() -> None:
    sell_on_trust(automatically_confirm_all_new_orders=False)
    pk = place({goods("a", "100"): 1, goods("b", "33.33"): 3})
    row = OrderRow.objects.get(pk=pk)
    create_manual_order_discount(row, "Постоянный клиент", "percentage", Decimal(10))
    OrderRow.objects.filter(pk=pk).update(should_refresh_prices=True)
    refresh_prices(pk)
    order = read(pk)
    (discount,) = order.discounts
    assert (discount.kind, discount.name) == (DiscountKind.MANUAL, "Постоянный клиент")
    assert order.delivery_gross == 270
    assert order.delivery_undiscounted == 300
    assert sum(line.total_gross for line in order.lines) < Decimal("180.01")
    assert order.total_gross == saleor_total(pk)


def test_a_promotion_of_the_catalogue_is_in_the_lines() -> None:
    chair = goods("chair", "1000")
    promotion = Promotion.objects.create(
        name="Неделя стульев", type="catalogue", start_date=datetime(2020, 1, 1, tzinfo=UTC)
    )
    rule = PromotionRule.objects.create(
        promotion=promotion,
        catalogue_predicate={"productPredicate": {"ids": []}},
        reward_value_type="percentage",
        reward_value=Decimal(15),
    )
    rule.channels.add(Channel.objects.get(slug="main"))
    rule.variants.add(chair)
    update_discounted_prices_for_promotion(Product.objects.all())
    order = read(pk := place({chair: 2}))
    (line,) = order.lines
    assert (line.total_gross, line.undiscounted) == (1700, 2000)
    assert order.discounts == ()
    assert order.total_gross == saleor_total(pk) == 2000


def test_a_promotion_of_the_order_is_spread_over_its_lines() -> None:
    promotion = Promotion.objects.create(
        name="От тысячи", type="order", start_date=datetime(2020, 1, 1, tzinfo=UTC)
    )
    rule = PromotionRule.objects.create(
        promotion=promotion,
        order_predicate={
            "discountedObjectPredicate": {"baseSubtotalPrice": {"range": {"gte": "100"}}}
        },
        reward_type="subtotal_discount",
        reward_value_type="fixed",
        reward_value=Decimal(100),
    )
    rule.channels.add(Channel.objects.get(slug="main"))
    order = read(pk := place({goods("a", "333.33"): 1, goods("b", "666.67"): 1}))
    (discount,) = order.discounts
    assert (discount.kind, discount.amount) == (DiscountKind.PROMOTION, 100)
    assert order.total_gross == saleor_total(pk) == 1200


def test_a_gift_card_pays_and_takes_nothing_off_what_the_order_cost() -> None:
    GiftCard.objects.create(
        code="GIFT-12345",
        is_active=True,
        currency="RUB",
        initial_balance_amount=150,
        current_balance_amount=150,
    )
    order = read(pk := place({goods("a", "100"): 2}, "GIFT-12345"))
    assert order.total_gross == 500
    assert saleor_total(pk) == 350
    assert order.gift_cards == (("2345", Decimal("150.00")),)
    assert order.payments == ()
    assert order.paid == 0


@pytest.mark.skipif(
    not hasattr(TransactionItem, "gift_card_last_chars"), reason="Saleor 3.23 has it first"
)
def test_a_gift_card_behind_saleor_s_own_gateway_is_a_gift_card_still() -> None:
    card = GiftCard.objects.create(
        code="GIFT-12345",
        is_active=True,
        currency="RUB",
        initial_balance_amount=150,
        current_balance_amount=150,
    )
    pk = place({goods("a", "100"): 2})
    row = OrderRow.objects.get(pk=pk)
    item = TransactionItem.objects.create(
        order=row,
        currency="RUB",
        app_identifier="saleor.io.gift-card-payment-gateway",
        gift_card=card,
        gift_card_last_chars="2345",
        charged_value=150,
    )
    TransactionEvent.objects.create(
        transaction=item,
        currency="RUB",
        type="charge_success",
        amount_value=150,
        include_in_calculations=True,
    )
    OrderRow.objects.filter(pk=pk).update(total_charged_amount=250)
    from saleor.giftcard.events import gift_cards_used_in_order_event

    card.current_balance_amount = Decimal(0)
    gift_cards_used_in_order_event([(card, Decimal(150))], row, None, None)
    order = read(pk)
    assert order.gift_cards == (("2345", Decimal("150.00")),)
    assert order.payments == ()
    assert (order.total_gross, order.paid) == (500, 100)


@pytest.mark.parametrize("with_tax", [True, False])
def test_several_rates_of_tax(with_tax: bool) -> None:
    charge_taxes(with_tax=with_tax)
    items = {
        goods("full", "1000.01", tax=tax_class("vat:22", "22")): 3,
        goods("reduced", "99.99", tax=tax_class("vat:10", "10")): 7,
        goods("zero", "50", tax=tax_class("vat:0", "0")): 1,
        goods("free", "50", tax=tax_class("vat:none", "0")): 1,
        goods("unsaid", "50"): 1,
    }
    order = read(pk := place(items))
    assert order.prices_with_tax is with_tax
    rates = [line.tax_rate for line in order.lines]
    assert rates == [Decimal("0.22"), Decimal("0.10"), Decimal(0), None, None]
    full = order.lines[0]
    if with_tax:
        assert (full.total_gross, full.total_net) == (Decimal("3000.03"), Decimal("2459.04"))
        assert full.undiscounted == Decimal("3000.03")
    else:
        assert (full.total_gross, full.total_net) == (Decimal("3660.04"), Decimal("3000.03"))
        assert full.undiscounted == Decimal("3000.03")
    assert order.total_gross == saleor_total(pk)


def test_where_no_tax_is_charged_no_line_has_a_rate() -> None:
    order = read(pk := place({goods("a", "100", tax=tax_class("vat:22", "22")): 1}))
    (line,) = order.lines
    assert line.tax_rate is None
    # Saleor takes the tax that the price contains off it: the buyer pays 81.97 for 100.
    assert line.total_net == line.total_gross == Decimal("81.97")
    assert order.total_gross == saleor_total(pk) == Decimal("381.97")


def test_a_currency_without_cents() -> None:
    channel = Channel.objects.create(
        name="日本", slug="jp", currency_code="JPY", default_country="RU", is_active=True
    )
    TaxConfiguration.objects.create(channel=channel, charge_taxes=True)
    ShippingZone.objects.get(name="Россия").channels.add(channel)
    Warehouse.objects.get(slug="main").channels.add(channel)
    sell_on_trust("jp")
    tea = goods("tea", "333", tax=tax_class("vat:10", "10"), channel="jp", shipped=False)
    order = read(place({tea: 3}, channel="jp"))
    (line,) = order.lines
    assert (str(line.total_gross), str(line.total_net)) == ("999", "908")
    assert str(order.total_gross) == "999"


def event(item: TransactionItem, kind: str, amount: str, **values: Any) -> TransactionEvent:
    values = {"include_in_calculations": True, "psp_reference": f"psp-{kind}"} | values
    return TransactionEvent.objects.create(
        transaction=item, type=kind, amount_value=Decimal(amount), currency="RUB", **values
    )


def test_payments_are_facts_alone() -> None:
    pk = place({goods("a", "1000"): 1})
    item = TransactionItem.objects.create(
        order_id=pk, currency="RUB", name="Карта", app_identifier="yookassa", psp_reference="psp"
    )
    event(item, "authorization_request", "1300")
    held = event(item, "authorization_success", "1300")
    event(item, "charge_request", "1300", psp_reference="c1")
    event(item, "charge_success", "1300", psp_reference="c1")
    event(item, "charge_failure", "1300", psp_reference="c1")
    paid = event(item, "charge_success", "1200", psp_reference="c2")
    event(item, "charge_success", "77", psp_reference="c3", include_in_calculations=False)
    back = event(item, "refund_success", "200.50", psp_reference="r1")
    event(item, "refund_failure", "5", psp_reference="r2")
    disputed = event(item, "charge_back", "10", psp_reference="b1")
    order = read(pk)
    assert [(row.id, row.kind, row.amount, row.refunds) for row in order.payments] == [
        (f"t{held.pk}", PaymentKind.AUTHORISED, Decimal("1300.00"), ""),
        (f"t{paid.pk}", PaymentKind.CHARGE, Decimal("1200.00"), ""),
        (f"t{back.pk}", PaymentKind.REFUND, Decimal("200.50"), f"t{paid.pk}"),
        (f"t{disputed.pk}", PaymentKind.CHARGEBACK, Decimal("10.00"), f"t{paid.pk}"),
    ]
    charge = order.payments[1]
    assert (charge.method, charge.gateway, charge.reference) == ("Карта", "yookassa", "c2")
    assert charge.at == paid.created_at
    assert not charge.from_onec
    after = disputed.created_at + timedelta(seconds=1)
    assert STORE.paid_between(paid.created_at, after) == {pk}
    assert STORE.paid_between(after, after + timedelta(days=1)) == set()


def test_an_amount_corrected_downwards_is_money_given_back() -> None:
    pk = place({goods("a", "1000"): 1})
    item = TransactionItem.objects.create(order_id=pk, currency="RUB")
    event(item, "charge_success", "1300", psp_reference=None)
    event(item, "charge_success", "-300", psp_reference=None)
    amounts = [(row.kind, row.amount) for row in read(pk).payments]
    assert amounts == [(PaymentKind.CHARGE, 1300), (PaymentKind.REFUND, 300)]
    event(item, "refund_success", "300", psp_reference=None)
    assert [(row.kind, row.amount) for row in read(pk).payments] == amounts


def test_payments_of_the_old_kind() -> None:
    checkout, _ = start({goods("a", "1000"): 1})
    pk = complete(checkout)
    payment = Payment.objects.create(
        order_id=pk,
        gateway="mirumee.payments.dummy",
        payment_method_type="card",
        total=1300,
        currency="RUB",
    )

    def transaction(kind: str, amount: int, **values: Any) -> Transaction:
        values = {"is_success": True, "token": f"{kind}-token"} | values
        return Transaction.objects.create(
            payment=payment,
            kind=kind,
            amount=amount,
            currency="RUB",
            gateway_response={},
            **values,
        )

    transaction("capture", 1300, is_success=False)
    transaction("capture", 1300, action_required=True)
    charge = transaction("capture", 1300)
    refund = transaction("refund", 100)
    OrderRow.objects.filter(pk=pk).update(total_charged_amount=1200)
    order = read(pk)
    assert [(row.id, row.kind, row.amount, row.refunds) for row in order.payments] == [
        (f"p{charge.pk}", PaymentKind.CHARGE, 1300, ""),
        (f"p{refund.pk}", PaymentKind.REFUND, 100, f"p{charge.pk}"),
    ]
    first = order.payments[0]
    assert (first.method, first.gateway) == ("card", "mirumee.payments.dummy")
    assert first.reference == "capture-token"
    assert order.paid == 1200
    after = refund.created_at + timedelta(seconds=1)
    assert STORE.paid_between(charge.created_at, after) == {pk}
    assert STORE.paid_between(after, after + timedelta(days=1)) == set()
