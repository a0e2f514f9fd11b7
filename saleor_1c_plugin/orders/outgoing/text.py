"""Text of the shop's as 1C can show it in one line."""


def one_line(text: str) -> str:
    """`text` without signs that can't be printed, its spaces single; ``""`` where none is left."""
    if not text:
        return text
    if not text.isprintable():
        text = "".join(sign if sign.isprintable() else " " for sign in text)
    return " ".join(text.split())
