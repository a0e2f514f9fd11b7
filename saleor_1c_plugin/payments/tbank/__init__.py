"""T-Bank's internet acquiring, by version 2 of its API.

Its calls have no keys by which one that is repeated would be the same call. What takes their place:
a payment is looked for by the order's id before it is made; a refund is made only while as much is
left of the payment as is known; what was asked for already is seen by the payment's status.

There is no registry. This API tells of one payment, or of the payments of one order, and has no
list for a period. The bank's API for businesses (T-API, by a token of its own) lists the operations
of terminals in shops, by their serial numbers, and not those of the internet's, which an account's
statement has as one sum. The file in the bank's merchant profile has no published description.
"""
