"""Codes by which chats are linked, guesses at them, and how fast a messenger may be spoken to."""

from django.db import models
from django.db.models.functions import Now


class LinkCode(models.Model):
    """A code that links one chat, once. Only its hash is kept."""

    channel = models.CharField(max_length=32)
    #: SHA-256 of the code, hex.
    digest = models.CharField(max_length=64, unique=True)
    #: Id of the account; or empty, and the order is all that the chat hears of.
    customer_id = models.CharField(max_length=64, blank=True)
    order_id = models.CharField(max_length=64, blank=True)
    expires = models.DateTimeField()
    #: What the one is known by who has used it.
    used_by = models.CharField(max_length=64, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["expires"], name="onec_messaging_code_expires"),
            models.Index(fields=["customer_id", "order_id"], name="onec_messaging_code_owner"),
        ]

    def __str__(self) -> str:
        return f"{self.channel} {self.customer_id or self.order_id}"


class WrongCode(models.Model):
    """Somebody has tried a code that is none."""

    channel = models.CharField(max_length=32)
    address = models.CharField(max_length=64)
    at = models.DateTimeField(db_default=Now())

    class Meta:
        indexes = [
            models.Index(fields=["channel", "address", "at"], name="onec_messaging_wrong_code"),
            models.Index(fields=["at"], name="onec_messaging_wrong_code_at"),
        ]

    def __str__(self) -> str:
        return f"{self.channel} {self.address}"
