"""The storefront's API of reservations: GraphQL, by the conventions of Saleor's own.

Saleor's schema is closed to plugins, so this is a schema beside it, at an address of its own, that
speaks of the same carts by the same global ids. It is also a federated subgraph (Apollo
Federation), so that a gateway joins it to Saleor's: see :mod:`.federation`.

What authorises here is what authorises in Saleor. Whoever knows a cart's id may read and change
the cart, so that a guest needs no account; whose account it is, is told by the same header
``Authorization``. Ids of reservations can't be guessed either: whoever knows one may read that
reservation, and no more. They travel further than a cart's id (to 1C, into orders, to whoever
reminds the buyer), which is why a reservation doesn't give the cart's id away.
"""
