"""Orders by the thousand in a real Saleor, and 1C's question for them."""

import base64
import itertools
import json
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal

from .memory import figures_of, megabytes

_NUMBERS = itertools.count(1_000_000)
_LINES = 5
PATH = "/plugins/saleor1c.exchange/"


def place(count: int) -> None:
    """Write `count` orders of five lines, half of them paid, as no buyer ever could."""
    from django.utils import timezone
    from saleor.account.models import Address
    from saleor.channel.models import Channel
    from saleor.order.models import Order, OrderLine
    from saleor.payment.models import TransactionEvent, TransactionItem
    from saleor.product.models import ProductVariant

    from saleor_1c_plugin.orders import news

    channel = Channel.objects.get(slug="main")
    variants = list(ProductVariant.objects.select_related("product")[:100])
    address = {"city": "Москва", "country": "RU", "postal_code": "101000", "phone": "+79161234567"}
    addresses = Address.objects.bulk_create(
        Address(
            first_name="Иван",
            last_name=f"Петров {number}",
            street_address_1=f"ул. Тверская, д. {number}, кв. 7",
            **address,
        )
        for number in range(count)
    )
    now = timezone.now()
    orders = Order.objects.bulk_create(
        [
            Order(
                number=next(_NUMBERS),
                channel=channel,
                currency="RUB",
                user_email=f"buyer{number % 500}@example.com",
                billing_address=home,
                shipping_address=home,
                shipping_method_name="Курьер",
                shipping_price_net_amount=Decimal("250.00"),
                shipping_price_gross_amount=Decimal("300.00"),
                base_shipping_price_amount=Decimal("300.00"),
                undiscounted_base_shipping_price_amount=Decimal("300.00"),
                shipping_tax_rate=Decimal("0.2000"),
                total_net_amount=Decimal("4416.67"),
                total_gross_amount=Decimal("5300.00"),
                subtotal_net_amount=Decimal("4166.67"),
                subtotal_gross_amount=Decimal("5000.00"),
                undiscounted_total_net_amount=Decimal("4416.67"),
                undiscounted_total_gross_amount=Decimal("5300.00"),
                customer_note="Позвоните за час",
                lines_count=_LINES,
                origin="checkout",
                status="unfulfilled",
                created_at=now + timedelta(milliseconds=number),
            )
            for number, home in enumerate(addresses)
        ],
        batch_size=2000,
    )
    OrderLine.objects.bulk_create(
        [
            OrderLine(
                order=order,
                variant=variant,
                product_name=variant.product.name,
                variant_name=variant.name,
                product_sku=variant.sku,
                is_shipping_required=True,
                is_gift_card=False,
                quantity=2,
                currency="RUB",
                unit_price_net_amount=Decimal("416.67"),
                unit_price_gross_amount=Decimal("500.00"),
                total_price_net_amount=Decimal("833.33"),
                total_price_gross_amount=Decimal("1000.00"),
                undiscounted_unit_price_net_amount=Decimal("416.67"),
                undiscounted_unit_price_gross_amount=Decimal("500.00"),
                undiscounted_total_price_net_amount=Decimal("833.33"),
                undiscounted_total_price_gross_amount=Decimal("1000.00"),
                tax_rate=Decimal("0.2000"),
            )
            for number, order in enumerate(orders)
            for variant in _five(variants, number)
        ],
        batch_size=2000,
    )
    paid = TransactionItem.objects.bulk_create(
        [
            TransactionItem(
                order=order,
                name="Карта",
                psp_reference=f"psp-{order.number}",
                currency="RUB",
                charged_value=Decimal("5300.00"),
                available_actions=[],
            )
            for order in orders[::2]
        ],
        batch_size=2000,
    )
    TransactionEvent.objects.bulk_create(
        [
            TransactionEvent(
                transaction=item,
                type="charge_success",
                amount_value=Decimal("5300.00"),
                currency="RUB",
                psp_reference=item.psp_reference,
                include_in_calculations=True,
            )
            for item in paid
        ],
        batch_size=2000,
    )
    news.changed([str(order.pk) for order in orders])


def _five[Item](items: list[Item], start: int) -> Iterator[Item]:
    return (items[(start + n) % len(items)] for n in range(_LINES))


class OneC:
    """The requests of 1C's, through Saleor's own addresses."""

    def __init__(self, login: str, password: str) -> None:
        from django.test import Client

        self._http = Client()
        token = base64.b64encode(f"{login}:{password}".encode()).decode()
        answer = self._http.get(
            f"{PATH}?type=sale&mode=checkauth", headers={"Authorization": f"Basic {token}"}
        )
        assert answer.content.startswith(b"success"), answer.content

    def query(self) -> int:
        """Orders in the answer; of the bytes nothing is kept."""
        answer = self._http.get(f"{PATH}?type=sale&mode=query")
        assert answer["Content-Type"].startswith("text/xml"), b"".join(answer)
        count, rest = 0, b""
        mark = "<Документ>".encode()
        for chunk in answer:
            data = rest + chunk
            count += data.count(mark)
            rest = data[-len(mark) + 1 :]
        return count

    def confirm(self) -> None:
        assert self._http.get(f"{PATH}?type=sale&mode=success").content == b"success"


def memory_of_query() -> tuple[float, float, int]:
    """Megabytes of a process before ``query`` and at most during it, and the orders given."""
    idle, peak, orders = figures_of("tests.benchmarks.orders")
    return idle, peak, int(orders)


def _main() -> None:
    import django
    import saleor.celeryconf  # noqa: F401

    django.setup()
    from django.test.utils import setup_test_environment
    from saleor.graphql.api import schema  # noqa: F401 - what a web process has loaded

    setup_test_environment()
    onec = OneC("1c", "secret")
    idle = megabytes("VmRSS")
    orders = onec.query()
    print(json.dumps([idle, megabytes("VmHWM"), orders]))


if __name__ == "__main__":
    _main()
