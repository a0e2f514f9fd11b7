"""PayPal, by version 2 of its Orders and Payments APIs.

Its own library (paypal-server-sdk 2.4) is not used: to it a wrong secret and a PayPal that is down
are the same error, it waits and reads without a limit, and it knows no disputes or signatures.
"""
