"""Cash or card on delivery: a courier has the money, or the desk where the order is fetched."""
