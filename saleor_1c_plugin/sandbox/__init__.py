"""A mini-shop of one process: the embedded default for trying everything without Saleor.

It is the second implementation of the store's ports and keeps them honest; it is no second
platform and stays small.
"""
