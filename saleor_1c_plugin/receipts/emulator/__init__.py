"""A cash register that is none: for the demo, for trying things out, and for tests."""
