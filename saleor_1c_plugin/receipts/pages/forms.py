"""What the forms of these pages have in common."""

from ...outbox.staff_pages import FormKey

KEY = FormKey("receipts.pages")


def clean(text: str) -> str:
    """What was typed, without what no database takes."""
    return text.replace("\0", "").strip()
