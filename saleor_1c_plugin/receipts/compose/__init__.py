"""From an order and a fact of money to the receipt that the law wants; no database, no network."""
