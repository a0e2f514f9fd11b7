"""WebMoney Merchant: a form on WebMoney's page, a question beforehand, a signed result.

How a payment is, is asked by the interface X18, which needs no more than the merchant's secret
key. What needs the signature of WM Keeper, as giving money back does, is left to people: the key of
a Keeper opens the whole purse, and has no place in a shop. The history of a purse (X3), which could
be a registry, needs that signature too, or a Keeper's certificate: so there is none.
"""
