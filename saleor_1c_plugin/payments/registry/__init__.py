"""Registries: what providers say they have moved, loaded regularly and laid beside our books."""
