"""Orders of the shop's as documents, and giving them to 1C."""
