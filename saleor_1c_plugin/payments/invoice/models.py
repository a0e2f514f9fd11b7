"""Invoices that were made out."""

from django.db import models

from ..models import Attempt


class Invoice(models.Model):
    """An invoice; its number is the primary key.

    It stays as it was made out: the merchant's requisites may be others by now.
    """

    attempt = models.OneToOneField(Attempt, on_delete=models.PROTECT, related_name="invoice")
    #: Fields of :class:`~.settings.Requisites`.
    requisites = models.JSONField()
    purpose = models.CharField(max_length=210)
    issued = models.DateField()
    #: The last day.
    valid_until = models.DateField()
    #: When that day is over.
    ends = models.DateTimeField()

    def __str__(self) -> str:
        return str(self.pk)
