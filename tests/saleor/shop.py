"""A shop to fill: the same for the suite and for the benchmarks."""


def make_shop() -> None:
    """A channel in roubles with a warehouse, and both plugins switched on."""
    from saleor.account.models import Address
    from saleor.channel.models import Channel
    from saleor.plugins.models import PluginConfiguration
    from saleor.shipping.models import ShippingZone
    from saleor.tax.models import TaxConfiguration
    from saleor.warehouse.models import Warehouse

    channel = Channel.objects.create(
        name="Магазин",
        slug="main",
        currency_code="RUB",
        default_country="RU",
        is_active=True,
        use_legacy_error_flow_for_checkout=False,
    )
    TaxConfiguration.objects.create(channel=channel, charge_taxes=False)
    address = Address.objects.create(city="Москва", country="RU", street_address_1="Тверская, 1")
    warehouse = Warehouse.objects.create(name="Склад", slug="main", address=address)
    warehouse.channels.add(channel)
    zone = ShippingZone.objects.create(name="Россия", countries=["RU"])
    zone.channels.add(channel)
    warehouse.shipping_zones.add(zone)
    configure("exchange", login="1c", password="secret", encoding="utf-8")
    configure("catalog", price_types="* = main", warehouses="* = main", default_warehouse="main")
    assert PluginConfiguration.objects.filter(active=True).count() == 2


def configure(
    room: str, *, channel: str | None = None, active: bool = True, **values: object
) -> None:
    """Save a plugin's settings as the dashboard would; `channel`, where each has its own."""
    from saleor.channel.models import Channel
    from saleor.plugins.models import PluginConfiguration

    PluginConfiguration.objects.update_or_create(
        identifier=f"saleor1c.{room}",
        channel=Channel.objects.get(slug=channel) if channel else None,
        defaults={
            "active": active,
            "name": room,
            "configuration": [{"name": name, "value": value} for name, value in values.items()],
        },
    )
