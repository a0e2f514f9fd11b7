"""1C:Enterprise for a Saleor store: the site side of 1C's standard web exchange."""

__version__ = "0.1.0"
