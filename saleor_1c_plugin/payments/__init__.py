"""Payments by providers: one core, a folder for each provider."""
