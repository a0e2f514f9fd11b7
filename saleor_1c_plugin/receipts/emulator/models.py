"""What an emulated fiscal drive remembers, and the faults that it is told to have."""

import secrets

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from ..compose.document import Kind


def _key() -> str:
    return secrets.token_hex(16)


class Drive(models.Model):
    """A register with its fiscal drive: counters, the shift, and what is wrong with them."""

    #: Of the register: "emulator:1".
    name = models.CharField(max_length=128, unique=True)
    #: Begins with 9999, as those of drives that are for tests.
    number = models.CharField(max_length=16)
    register_number = models.CharField(max_length=16)
    #: What its signs are made with.
    key = models.CharField(max_length=32, default=_key)
    activated = models.DateTimeField(db_default=Now())
    ends = models.DateTimeField()
    #: Of the last document.
    document = models.BigIntegerField(default=0)
    #: Of the last shift, and when it was opened; empty: it is closed.
    shift = models.PositiveIntegerField(default=0)
    opened = models.DateTimeField(null=True, blank=True)
    #: Receipts in it.
    receipts = models.PositiveIntegerField(default=0)

    #: The register is switched off.
    is_away = models.BooleanField(default=False)
    has_paper = models.BooleanField(default=True)
    #: The operator of fiscal data can't be reached: documents stay in the drive.
    is_offline = models.BooleanField(default=False)
    #: Percent of calls that come to nothing, and of answers that are lost.
    fails = models.PositiveSmallIntegerField(default=0)
    loses = models.PositiveSmallIntegerField(default=0)

    def __str__(self) -> str:
        return self.name


class Document(models.Model):
    """A fiscal document on a drive: a receipt, or a report on opening or closing a shift."""

    class Type(models.TextChoices):
        REGISTRATION = "registration"
        OPENING = "opening"
        RECEIPT = "receipt"
        CLOSING = "closing"

    drive = models.ForeignKey(Drive, models.CASCADE, related_name="documents")
    number = models.BigIntegerField()
    type = models.CharField(max_length=12, choices=Type.choices)
    sign = models.CharField(max_length=10)
    at = models.DateTimeField()
    shift = models.PositiveIntegerField(default=0)
    #: The operator of fiscal data has it since.
    sent = models.DateTimeField(null=True, blank=True)

    # Of a receipt.
    external_id = models.CharField(max_length=64, blank=True)
    kind = models.CharField(
        max_length=22, choices=[(item.value, item.value) for item in Kind], blank=True
    )
    #: In its shift.
    receipt_number = models.PositiveIntegerField(default=0)
    total = models.DecimalField(max_digits=15, decimal_places=2, default=0)
    #: See :mod:`saleor_1c_plugin.receipts.stored`.
    content = models.JSONField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["drive", "number"], name="onec_receipts_emulator_number"
            ),
            models.UniqueConstraint(
                fields=["drive", "external_id"],
                condition=~Q(external_id=""),
                name="onec_receipts_emulator_once",
            ),
        ]
        indexes = [
            models.Index(
                fields=["drive", "number"],
                condition=Q(sent=None),
                name="onec_receipts_emulator_unsent",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.type} {self.number}"
