"""The HTTP protocol of 1C's standard web exchange: sessions, files, imports and their journal."""
