"""What keeps a receipt from being composed."""


class Problem(Exception):
    """A person must mend something first; the text says what (Russian) and holds no secrets."""
