"""Invoices to companies: paid by bank transfer, which 1C learns of from the bank."""
