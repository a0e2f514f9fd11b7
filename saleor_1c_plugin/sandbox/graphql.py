"""Setting a Saleor up and looking at it, by its GraphQL alone."""

from collections.abc import Mapping, Sequence
from typing import Any

import requests

_CHANNEL = """mutation ($slug: String!, $currency: String!) { channelCreate(input: {
  name: $slug, slug: $slug, currencyCode: $currency, defaultCountry: RU, isActive: true
}) { channel { id } errors { field message } } }"""
_WAREHOUSE = """mutation ($slug: String!, $name: String!) { createWarehouse(input: {
  slug: $slug, name: $name, address: { streetAddress1: "Тверская, 1", city: "Москва",
  country: RU, countryArea: "Москва", postalCode: "101000", skipValidation: true }
}) { warehouse { id } errors { field message } } }"""
_OPEN = """mutation ($channel: ID!, $warehouses: [ID!]!) { channelUpdate(
  id: $channel, input: { addWarehouses: $warehouses, orderSettings: { allowUnpaidOrders: true }
}) { errors { field message } } }"""
_ZONE_NAME = "Россия"
_ZONE = """mutation ($name: String!, $channels: [ID!]!, $warehouses: [ID!]!) {
  shippingZoneCreate(input: { name: $name, countries: ["RU"], addChannels: $channels,
  addWarehouses: $warehouses
}) { shippingZone { id } errors { field message } } }"""
_DELIVERY = """mutation ($zone: ID!) { shippingPriceCreate(input: {
  name: "Курьер", type: PRICE, shippingZone: $zone
}) { shippingMethod { id } errors { field message } } }"""
_DELIVERY_PRICE = """mutation ($id: ID!, $channel: ID!) { shippingMethodChannelListingUpdate(
  id: $id, input: { addChannels: [{ channelId: $channel, price: 350 }]
}) { errors { field message } } }"""
_PLUGIN = """mutation ($id: ID!, $channel: ID, $values: [ConfigurationItemInput!]!) { pluginUpdate(
  id: $id, channelId: $channel, input: { active: true, configuration: $values }
) { errors { field message } } }"""
_LOG_IN = """mutation ($email: String!, $password: String!) {
  tokenCreate(email: $email, password: $password) { token errors { field message } } }"""
_EXISTING = """{ channels { id slug } warehouses(first: 100) { edges { node { id slug } } }
  shippingZones(first: 100) { edges { node { id name shippingMethods { id } } } } }"""
_GOODS = """query ($channel: String!, $after: String) {
  products(first: 100, after: $after, channel: $channel) {
    pageInfo { hasNextPage endCursor }
    edges { node { name media { url } variants { id name quantityAvailable }
      pricing { priceRange { start { gross { amount currency } } } } } } } }"""


class SaleorError(Exception):
    """Saleor refused a request."""


class Saleor:
    """A Saleor at `url` (its GraphQL address)."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._session = requests.Session()
        self._session.trust_env = False

    def log_in(self, email: str, password: str) -> None:
        """Speak as that member of the staff from now on."""
        answer = self.ask(_LOG_IN, {"email": email, "password": password})
        self._session.headers["Authorization"] = f"Bearer {answer['tokenCreate']['token']}"

    def prepare(
        self,
        channels: Sequence[tuple[str, str]],
        warehouses: Sequence[tuple[str, str]],
        plugins: Mapping[str, Mapping[str, str]],
        plugins_of_channels: Mapping[str, Mapping[str, str]],
    ) -> None:
        """Make what is not there yet: channels, warehouses, a delivery; then set the plugins.

        Orders may be paid later; the delivery is in the first channel. So is what is set of the
        plugins that have settings for each channel.
        """
        known = self.ask(_EXISTING)
        channel_ids = {row["slug"]: row["id"] for row in known["channels"] or ()}
        edges = known["warehouses"]["edges"]
        warehouse_ids = {edge["node"]["slug"]: edge["node"]["id"] for edge in edges}
        for slug, currency in channels:
            if slug not in channel_ids:
                answer = self.ask(_CHANNEL, {"slug": slug, "currency": currency})
                channel_ids[slug] = answer["channelCreate"]["channel"]["id"]
        for slug, name in warehouses:
            if slug not in warehouse_ids:
                answer = self.ask(_WAREHOUSE, {"slug": slug, "name": name})
                warehouse_ids[slug] = answer["createWarehouse"]["warehouse"]["id"]
        ours = [warehouse_ids[slug] for slug, _ in warehouses]
        sold = [channel_ids[slug] for slug, _ in channels]
        for channel_id in sold:
            self.ask(_OPEN, {"channel": channel_id, "warehouses": ours})
        # Stock counts for a buyer only where something can be shipped to.
        zones = {edge["node"]["name"]: edge["node"] for edge in known["shippingZones"]["edges"]}
        zone = zones.get(_ZONE_NAME)
        if zone is None:
            answer = self.ask(_ZONE, {"name": _ZONE_NAME, "channels": sold, "warehouses": ours})
            zone = answer["shippingZoneCreate"]["shippingZone"]
        if not zone.get("shippingMethods"):
            answer = self.ask(_DELIVERY, {"zone": zone["id"]})
            method = answer["shippingPriceCreate"]["shippingMethod"]["id"]
            self.ask(_DELIVERY_PRICE, {"id": method, "channel": sold[0]})
        for settings, channel in ((plugins, None), (plugins_of_channels, sold[0])):
            for plugin, values in settings.items():
                pairs = [{"name": name, "value": value} for name, value in values.items()]
                self.ask(_PLUGIN, {"id": plugin, "channel": channel, "values": pairs})

    def goods(self, channel: str) -> list[dict[str, Any]]:
        """Products as a buyer sees them."""
        found: list[dict[str, Any]] = []
        after: str | None = None
        while True:
            page = self.ask(_GOODS, {"channel": channel, "after": after})["products"]
            found += [edge["node"] for edge in page["edges"]]
            if not page["pageInfo"]["hasNextPage"]:
                return found
            after = page["pageInfo"]["endCursor"]

    def ask(self, query: str, variables: Mapping[str, object] | None = None) -> dict[str, Any]:
        """The answer's data.

        Raises
        ------
        SaleorError
            Saleor refuses the request, or part of it.
        """
        response = self._session.post(
            self._url, json={"query": query, "variables": variables or {}}, timeout=120
        )
        answer = response.json()
        if "errors" in answer:
            raise SaleorError(str(answer["errors"])[:2000])
        data: dict[str, Any] = answer["data"]
        for value in data.values():
            if isinstance(value, dict) and value.get("errors"):
                raise SaleorError(str(value["errors"]))
        return data
