"""Saleor behind the ports: with the ``plugin.py`` files the only code that imports it."""
