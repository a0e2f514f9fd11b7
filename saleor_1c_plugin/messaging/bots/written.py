"""What people write, as the database can keep it. Pure."""


def written(given: object, most: int) -> str:
    """A text as far as so many characters; empty where there is none.

    Applications of others' may send what is no text: signs that no database takes, halves of signs.
    """
    text = given if isinstance(given, str) else ""
    return text[:most].replace("\0", "").encode("utf-8", "replace").decode("utf-8")
