"""A client that behaves as 1C does: for tests, the demo and an integrator's troubleshooting."""
