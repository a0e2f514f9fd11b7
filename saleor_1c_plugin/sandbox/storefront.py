"""A buyer at the storefront of a Saleor, by its GraphQL alone."""

from collections.abc import Mapping
from typing import Any

from .graphql import Saleor

_ADDRESS = {
    "firstName": "Анна",
    "lastName": "Ли",
    "streetAddress1": "Мясницкая, 1",
    "city": "Москва",
    "countryArea": "Москва",
    "postalCode": "101000",
    "country": "RU",
    "phone": "+79001234567",
}
_CHECKOUT = """mutation ($input: CheckoutCreateInput!) { checkoutCreate(input: $input) {
  checkout { id shippingMethods { id } } errors { field message } } }"""
_METADATA = """mutation ($id: ID!, $input: [MetadataInput!]!) { updateMetadata(
  id: $id, input: $input) { errors { field message } } }"""
_DELIVERY = """mutation ($id: ID!, $method: ID!) { checkoutDeliveryMethodUpdate(
  id: $id, deliveryMethodId: $method) { errors { field message } } }"""
_COMPLETE = """mutation ($id: ID!) { checkoutComplete(id: $id) {
  order { id } errors { field message code } } }"""
_ORDER = """query ($id: ID!) { order(id: $id) {
  number status isPaid chargeStatus metafield(key: "onec.number")
  total { gross { amount currency } } totalCharged { amount }
  fulfillments { status trackingNumber lines { quantity } } } }"""

_CART = """query ($id: ID!) { checkout(id: $id) { metafield(key: "onec.reserved_until") lines {
  variant { product { name } } unitPrice { gross { amount currency } } } } }"""
_STOCK = """query ($id: ID!, $channel: String!) { productVariant(id: $id, channel: $channel) {
  quantityAvailable } }"""
_RESERVE = """mutation ($id: ID!) { reservationCreate(checkoutId: $id) {
  reservations { id } errors { field message code } } }"""


class Buyer:
    """Somebody who orders in a channel: a guest, or whoever `saleor` is logged in as."""

    def __init__(self, saleor: Saleor, channel: str) -> None:
        self._saleor = saleor
        self._channel = channel

    def buy(self) -> str:
        """Order the first goods that can be had; returns the order's id."""
        return self.complete(self.checkout({self.find(): 1}))

    def find(self) -> str:
        """Id of the first goods that can be had."""
        for product in self._saleor.goods(self._channel):
            for variant in product["variants"] if product["pricing"] else ():
                if variant["quantityAvailable"]:
                    return str(variant["id"])
        raise LookupError("nothing in the shop can be bought")

    def checkout(
        self,
        variants: Mapping[str, int],
        *,
        email: str = "anna@example.com",
        company: str = "",
        metadata: Mapping[str, str] | None = None,
    ) -> str:
        """Id of a checkout that is ready to be paid or completed.

        Parameters
        ----------
        variants
            Ids, with the quantity of each.
        metadata
            As a storefront leaves it: a company's ``inn`` and ``kpp``.
        """
        address = {**_ADDRESS, "companyName": company}
        lines = [{"variantId": variant, "quantity": n} for variant, n in variants.items()]
        made = self._saleor.ask(
            _CHECKOUT,
            {
                "input": {
                    "channel": self._channel,
                    "email": email,
                    "lines": lines,
                    "shippingAddress": address,
                    "billingAddress": address,
                }
            },
        )["checkoutCreate"]["checkout"]
        checkout = str(made["id"])
        if metadata:
            values = [{"key": key, "value": value} for key, value in metadata.items()]
            self._saleor.ask(_METADATA, {"id": checkout, "input": values})
        method = made["shippingMethods"][0]["id"]
        self._saleor.ask(_DELIVERY, {"id": checkout, "method": method})
        return checkout

    def complete(self, checkout: str) -> str:
        """Id of the order that a checkout becomes."""
        answer = self._saleor.ask(_COMPLETE, {"id": checkout})
        return str(answer["checkoutComplete"]["order"]["id"])

    def see(self, order: str) -> dict[str, Any]:
        """The order as Saleor shows it to whoever knows its id."""
        seen: dict[str, Any] = self._saleor.ask(_ORDER, {"id": order})["order"]
        return seen

    def look(self, order: str) -> dict[str, str]:
        """The same in words."""
        seen = self.see(order)
        total, shipments = seen["total"]["gross"], seen["fulfillments"]
        return {
            "Number": seen["number"],
            "Status": seen["status"],
            "In 1C": seen["metafield"] or "—",
            "Payments": f"{seen['chargeStatus']}, {seen['totalCharged']['amount']:.2f} of "
            f"{total['amount']:.2f} {total['currency']}",
            "Shipments": ", ".join(
                f"{item['status']} {item['trackingNumber']}" for item in shipments
            )
            or "—",
        }


class Visitor(Buyer):
    """Somebody with a cart, who may reserve what is in it.

    Parameters
    ----------
    reservations
        The endpoint of the reservations' GraphQL.
    """

    def __init__(self, saleor: Saleor, channel: str, reservations: Saleor) -> None:
        super().__init__(saleor, channel)
        self._reservations = reservations
        self._cart = ""

    def put(self) -> str:
        """Put the first goods that can be had into the cart; returns their id."""
        variant = self.find()
        self._cart = self.checkout({variant: 1})
        return variant

    def reserve(self) -> None:
        """Have all that is in the cart reserved."""
        self._reservations.ask(_RESERVE, {"id": self._cart})

    def order(self) -> str:
        """Order what is in the cart; returns the order's id."""
        return self.complete(self._cart)

    def look_into_cart(self) -> dict[str, str]:
        """What the cart tells of the goods in it."""
        cart = self._saleor.ask(_CART, {"id": self._cart})["checkout"]
        line = cart["lines"][0]
        price = line["unitPrice"]["gross"]
        return {
            "Goods": line["variant"]["product"]["name"],
            "Price": f"{price['amount']:.2f} {price['currency']}",
            "Reserved": cart["metafield"] or "—",
        }

    def look_at_stock(self, goods: str) -> str:
        """How much of some goods everybody else can have."""
        found = self._saleor.ask(_STOCK, {"id": goods, "channel": self._channel})
        return str(found["productVariant"]["quantityAvailable"])
