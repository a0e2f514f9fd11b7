"""Devices that have the store's application, and what was sent to which of them."""

from django.db import models

from ...clock import Moment


class Device(models.Model):
    """Where a customer has signed in to the application."""

    customer_id = models.CharField(max_length=64)
    #: Firebase's name of the application on this device.
    token = models.TextField()
    #: SHA-256 of the token, hex: tokens are too long for an index.
    digest = models.CharField(max_length=64, unique=True)
    #: That the application speaks, of those that there are texts in; or empty.
    language = models.CharField(max_length=8, blank=True)
    made = models.DateTimeField(db_default=Moment())
    #: When the application has registered it last.
    seen = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(fields=["customer_id", "seen"], name="onec_messaging_push_customer"),
        ]

    def __str__(self) -> str:
        return f"device {self.pk}"


class Notification(models.Model):
    """A message that was sent to a device, or may have been; each is sent once."""

    device = models.ForeignKey(Device, models.CASCADE, related_name="+")
    #: Of the message, see :meth:`~saleor_1c_plugin.messaging.channel.Channel.send`.
    key = models.CharField(max_length=64)
    #: Firebase has it. ``False``: it was called, and has not answered.
    is_taken = models.BooleanField(default=False)
    at = models.DateTimeField(db_default=Moment())

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["device", "key"], name="onec_messaging_push_once"),
        ]
        indexes = [
            models.Index(fields=["key"], name="onec_messaging_push_key"),
            models.Index(fields=["at"], name="onec_messaging_push_at"),
        ]

    def __str__(self) -> str:
        return f"notification {self.pk}"
