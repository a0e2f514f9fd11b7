"""T-Bank's internet acquiring, by version 2 of its API.

Its calls have no keys by which one that is repeated would be the same call. What takes their place:
a payment is looked for by the order's id before it is made; a refund is made only while as much is
left of the payment as is known; what was asked for already is seen by the payment's status.
"""
