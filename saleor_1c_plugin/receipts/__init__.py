"""Fiscal receipts by the law of cash registers (54-FZ), in the fiscal data format 1.2."""
