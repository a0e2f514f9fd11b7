"""The journal, how far each reader has come, and how far the shop was looked through."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from .event import Kind


class Record(models.Model):
    """An event in the journal, see :class:`~.event.Event`."""

    key = models.CharField(max_length=255, unique=True)
    #: Its place in the journal; empty until somebody reads on: see :func:`~.journal.number`.
    number = models.BigIntegerField(null=True, blank=True, unique=True)
    kind = models.CharField(max_length=32, choices=[(kind.value, kind.value) for kind in Kind])
    at = models.DateTimeField()
    recorded = models.DateTimeField(db_default=Now())
    channel = models.SlugField(max_length=255, blank=True)
    order_id = models.CharField(max_length=64, blank=True)
    order_number = models.CharField(max_length=64, blank=True)
    data = models.JSONField(default=dict)
    # Who it happened to. Erased where that is asked for: the event stays, and is nobody's.
    customer_id = models.CharField(max_length=64, blank=True)
    email = models.CharField(max_length=254, blank=True)
    phone = models.CharField(max_length=128, blank=True)
    name = models.CharField(max_length=512, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["id"], condition=Q(number=None), name="onec_history_unnumbered"),
            models.Index(fields=["order_id"], name="onec_history_order"),
            models.Index(fields=["customer_id", "at"], name="onec_history_customer"),
            models.Index(fields=["recorded"], name="onec_history_recorded"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.order_number}"


class Reader(models.Model):
    """Somebody who is told of every event, once, in the order of the journal."""

    name = models.CharField(max_length=64, primary_key=True)
    #: Of the last event that it was told of.
    number = models.BigIntegerField()

    def __str__(self) -> str:
        return f"{self.name} {self.number}"


class Mark(models.Model):
    """How far the shop's orders were looked through. There is one row."""

    #: When the journal was begun: what was before is not told of.
    began = models.DateTimeField()
    #: All changes up to this one were seen.
    moment = models.DateTimeField()
    #: All carts up to this time of their last touch were looked at; empty: none was.
    carts = models.DateTimeField(null=True, blank=True)
    #: All accounts up to this one were seen; empty: none was.
    customers = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"{self.moment}"
