"""The API by which the store's application registers its device, for the customer signed in there.

GraphQL by the conventions of Saleor's own, at an address of its own, as that of reservations is
(:mod:`saleor_1c_plugin.reservations.graphql`), and a subgraph that a gateway joins to Saleor's.
"""
