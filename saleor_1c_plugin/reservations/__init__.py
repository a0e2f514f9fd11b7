"""Reservation: stock held for lines of a cart, at the price that the cart showed, for a time."""
