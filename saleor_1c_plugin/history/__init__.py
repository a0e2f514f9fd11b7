"""The journal of what has happened between the shop and its customers, and who reads it."""
