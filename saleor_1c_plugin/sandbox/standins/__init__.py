"""Services that the shop talks to, on loopback: for the demo and for tests, without an account.

Each holds to what its documentation says, misbehaves as it is told to, and keeps in mind whatever
was asked of it in a way that the real one would not understand.
"""
