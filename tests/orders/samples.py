"""One order with everything in it: goods, a voucher, a gift card, delivery, money, parcels."""

from datetime import UTC, datetime
from decimal import Decimal

from saleor_1c_plugin.store.orders import (
    Address,
    Buyer,
    DiscountKind,
    Order,
    OrderDiscount,
    OrderLine,
    OrderStatus,
    Payment,
    PaymentKind,
    Shipment,
    ShipmentLine,
)

CREATED = datetime(2026, 3, 31, 21, 30, 15, 999, tzinfo=UTC)

ADDRESS = Address(
    first_name="Иван",
    last_name="Иванов",
    street_1="ул. Ленина, д. 5, корп. 2, кв. 10",
    city="Казань",
    region="Республика Татарстан",
    postal_code="420000",
    country_code="RU",
    country="Россия",
    phone="+79990000001",
)

CUP = OrderLine(
    id="line-1",
    name="Чашка",
    quantity=3,
    total_net=Decimal("819.67"),
    total_gross=Decimal("1000.00"),
    undiscounted=Decimal("1200.00"),
    key="11111111-1111-1111-1111-111111111111#22222222-2222-2222-2222-222222222222",
    product_key="11111111-1111-1111-1111-111111111111",
    sku="CUP-W",
    variant_name="белая",
    tax_rate=Decimal("0.22"),
    warehouse_id="w1",
    metadata={"onec.unit": "шт", "onec.ВидНоменклатуры": "Посуда"},
)
TEA = OrderLine(
    id="line-2",
    name="Чай",
    quantity=1,
    total_net=Decimal("500.00"),
    total_gross=Decimal("500.00"),
    undiscounted=Decimal("500.00"),
    sku="TEA",
    variant_name="Чай",
    metadata={"onec.unit": "кг"},
)

ORDER = Order(
    id="33333333-3333-3333-3333-333333333333",
    number="1001",
    status=OrderStatus.PARTLY_SHIPPED,
    channel="ru",
    currency="RUB",
    created=CREATED,
    updated=CREATED,
    buyer=Buyer("7", "ivan@example.com", "Иван", "Иванов"),
    lines=(CUP, TEA),
    total_net=Decimal("1565.57"),
    total_gross=Decimal("1800.00"),
    billing=ADDRESS,
    shipping=ADDRESS,
    delivery_id="ship-1",
    delivery_name="Курьер",
    delivery_net=Decimal("245.90"),
    delivery_gross=Decimal("300.00"),
    delivery_undiscounted=Decimal("300.00"),
    delivery_tax_rate=Decimal("0.22"),
    discounts=(
        OrderDiscount(DiscountKind.VOUCHER, "Весна", Decimal("200.00"), "SPRING"),
    ),
    gift_cards=(("4321", Decimal("500.00")),),
    payments=(
        Payment("hold-1", PaymentKind.AUTHORISED, Decimal("1300.00"), CREATED, gateway="bank"),
        Payment(
            "pay-1",
            PaymentKind.CHARGE,
            Decimal("1000.00"),
            CREATED,
            "Банковская карта",
            "yookassa",
            "2f3a",
        ),
        Payment(
            "pay-2", PaymentKind.CHARGE, Decimal("300.00"), CREATED, "Наличные", from_onec=True
        ),
        Payment("back-1", PaymentKind.REFUND, Decimal("100.00"), CREATED, refunds="pay-1"),
    ),
    shipments=(
        Shipment(
            "ship-a", "1001-1", CREATED, (ShipmentLine("line-1", 1),), "RA123", warehouse_id="w1"
        ),
        Shipment("ship-b", "1001-2", CREATED, (ShipmentLine("line-1", 1),), from_onec=True),
        Shipment("ship-c", "1001-3", CREATED, (ShipmentLine("line-1", 1),), cancelled=True),
    ),
    paid=Decimal("1200.00"),
    note="Позвонить заранее",
    voucher_code="SPRING",
    metadata={"onec.reservation": "Р-15", "onec.reserved_until": "2026-04-02T12:00:00+03:00"},
)  # fmt: skip
