"""Customers, orders and what happens to them, mirrored into systems where customers are kept."""
