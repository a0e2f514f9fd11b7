"""1C itself as a CRM, by the exchange of orders that it has already.

1C asks a site for documents, and makes counterparties only of those that stand in orders: the
published schema has no list of them in a package (CommerceML 2.08 and 2.09: a classifier, and a
catalogue, offers or documents), and УНФ refuses a whole package for a document that is no order.
So an account that has not ordered goes as an order without goods that is closed from the
beginning. What 1C's people write of a counterparty comes back with its documents or in a list.
"""
