"""Documents of 1C's: what they ask, and doing it to the shop's orders."""
