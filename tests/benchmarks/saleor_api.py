"""Saleor's own bulk mutations, called as an app calls them, for the comparisons."""

import json
from collections.abc import Sequence
from typing import Any

from django.test import Client

from . import packages

_CREATE = """mutation ($products: [ProductBulkCreateInput!]!) {
  productBulkCreate(products: $products) { count errors { message } results {
    errors { path message } } } }"""
_STOCKS = """mutation ($stocks: [StockBulkUpdateInput!]!) {
  stockBulkUpdate(stocks: $stocks) { count errors { message } } }"""


class Api:
    """GraphQL over Django's own client: all of Saleor, no network."""

    def __init__(self) -> None:
        from saleor.app.models import App
        from saleor.permission.models import Permission

        app = App.objects.create(name="bench", is_active=True)
        app.permissions.set(Permission.objects.filter(codename__in=["manage_products"]))
        _, token = app.tokens.create(name="bench")
        self._client = Client(headers={"authorization": f"Bearer {token}"})

    def call(self, query: str, variables: dict[str, Any]) -> dict[str, Any]:
        answer = self._client.post(
            "/graphql/",
            json.dumps({"query": query, "variables": variables}),
            content_type="application/json",
        ).json()
        assert "errors" not in answer, answer
        (result,) = answer["data"].values()
        assert not result["errors"], result
        found: dict[str, Any] = result
        return found

    def create_products(self, inputs: Sequence[dict[str, Any]]) -> None:
        result = self.call(_CREATE, {"products": list(inputs)})
        assert result["count"] == len(inputs), result

    def update_stocks(self, inputs: Sequence[dict[str, Any]]) -> None:
        assert self.call(_STOCKS, {"stocks": list(inputs)})["count"] == len(inputs)


def product_input(number: int, ids: dict[str, str]) -> dict[str, Any]:
    """The very product that the package has, for ``productBulkCreate``."""
    (_, colour), (_, material), (_, origin) = packages.choices(number)
    places = (colour, material, origin)
    attributes: list[dict[str, Any]] = [
        {
            "id": ids[packages.PROPERTIES[index]],
            "dropdown": {"value": packages.COLOURS[index][place]},
        }
        for index, place in enumerate(places)
    ]
    attributes += [
        {"id": ids["Высота"], "numeric": f"{number % 300}.5"},
        {"id": ids["Разборный"], "boolean": bool(number % 2)},
        {"id": ids["Уход"], "plainText": f"Протирать, {number}"},
    ]
    text = {
        "blocks": [{"type": "paragraph", "data": {"text": packages.description(number)}}],
        "version": "2.24.3",
    }
    return {
        "name": packages.name(number),
        "productType": ids["type"],
        "category": ids["category"],
        "taxClass": ids["tax"],
        "weight": 1 + number % 9,
        "description": json.dumps(text),
        "externalReference": f"api-{number}",
        "attributes": attributes,
        "channelListings": [
            {
                "channelId": ids["channel"],
                "isPublished": True,
                "visibleInListings": True,
                "isAvailableForPurchase": True,
            }
        ],
        "variants": [
            {
                "sku": f"api-{number}",
                "externalReference": f"api-{number}",
                "attributes": [],
                "channelListings": [{"channelId": ids["channel"], "price": 100 + number % 900}],
                "stocks": [{"warehouse": ids["warehouse"], "quantity": 1 + number % 50}],
            }
        ],
    }
