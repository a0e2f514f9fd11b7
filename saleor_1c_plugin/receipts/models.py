"""Receipts and shifts, and how far they got."""

from uuid import uuid4

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from ..clock import Moment
from .compose.document import Kind


class Receipt(models.Model):
    """A receipt: for one fact of an order's, once.

    From the moment at which a register was asked (`register` is set) no other one is, until that
    one has said that it never got it. Receipts of an order are registered one after another.
    """

    class State(models.TextChoices):
        #: To be sent; since when it is, says `created`.
        QUEUED = "queued"
        #: A register has it, or may have it.
        SENT = "sent"
        DONE = "done"
        #: A person has to mend something.
        FAILED = "failed"
        #: A person has said that there is to be none, and why.
        DROPPED = "dropped"

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    #: What it is for: "<order's id>:payment:<payment's id>", see :mod:`.facts`.
    fact = models.CharField(max_length=255, unique=True)
    order_id = models.CharField(max_length=64)
    order_number = models.CharField(max_length=64)
    #: Slug.
    channel = models.SlugField(max_length=255)
    kind = models.CharField(max_length=22, choices=[(item.value, item.value) for item in Kind])
    #: The receipt, see :mod:`.stored`; ``None``: it can't be composed, `reason` says why.
    document = models.JSONField(null=True)
    total = models.DecimalField(max_digits=15, decimal_places=2)
    #: Money that has moved with it; what was set off or left on credit is not in it.
    moved = models.DecimalField(max_digits=15, decimal_places=2)
    #: When what it is for has happened.
    happened = models.DateTimeField()
    #: In the order in which they are to be registered.
    created = models.DateTimeField(db_default=Moment())
    #: By when the law wants it registered.
    deadline = models.DateTimeField()
    corrects = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="+")
    #: Why a person made, changed or dropped it; of a correction its reason.
    note = models.TextField(blank=True)

    state = models.CharField(max_length=7, choices=State.choices, default=State.QUEUED)
    #: Name of the register that was asked; empty: none.
    register = models.CharField(max_length=128, blank=True)
    #: The register's id of it.
    reference = models.CharField(max_length=128, blank=True)
    #: Names of registers that can't register such a receipt, whatever is mended.
    unfit = models.JSONField(default=list, db_default=models.Value([], models.JSONField()))
    #: How often it was mended after a register had turned it down.
    version = models.PositiveSmallIntegerField(default=1)
    #: How often a register was asked, for it or about it.
    attempts = models.PositiveIntegerField(default=0)
    #: When a worker may take it: while one has it, the end of the lease; empty: when it is over,
    #: or waits for a person.
    due = models.DateTimeField(null=True, blank=True, db_default=Now())
    #: Of the worker that has it.
    token = models.CharField(max_length=32, blank=True)
    #: Why it failed, or waits.
    reason = models.TextField(blank=True)

    # Of the register, see :class:`~.driver.FiscalData`.
    drive = models.CharField(max_length=16, blank=True)
    fiscal_document = models.BigIntegerField(null=True, blank=True)
    sign = models.CharField(max_length=16, blank=True)
    registered = models.DateTimeField(null=True, blank=True)
    register_number = models.CharField(max_length=20, blank=True)
    shift_number = models.PositiveIntegerField(default=0)
    number = models.PositiveIntegerField(default=0)
    url = models.TextField(blank=True)
    is_test = models.BooleanField(default=False)

    class Meta:
        constraints = [
            # A drive never uses a number twice: two receipts with one are one that is told twice.
            models.UniqueConstraint(
                fields=["drive", "fiscal_document"],
                condition=~Q(drive=""),
                name="onec_receipts_fiscal",
            ),
        ]
        indexes = [
            models.Index(fields=["order_id"], name="onec_receipts_order"),
            models.Index(fields=["due"], condition=Q(due__isnull=False), name="onec_receipts_due"),
            models.Index(
                fields=["register", "due"], condition=Q(state="sent"), name="onec_receipts_sent"
            ),
            models.Index(fields=["happened"], name="onec_receipts_happened"),
            models.Index(
                fields=["created"],
                condition=Q(state__in=["queued", "sent", "failed"]),
                name="onec_receipts_open",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.total} {self.order_number}"

    @property
    def external_id(self) -> str:
        """What every register knows it by; what was mended is another one to them."""
        return str(self.pk) if self.version == 1 else f"{self.pk}.{self.version}"


class Shift(models.Model):
    """A shift of a register whose shifts we keep."""

    register = models.CharField(max_length=128)
    number = models.PositiveIntegerField()
    opened = models.DateTimeField()
    #: ``None``: it is open.
    closed = models.DateTimeField(null=True, blank=True)
    #: As the register has counted, see :class:`~.driver.ShiftReport`.
    fiscal_document = models.BigIntegerField(null=True, blank=True)
    sign = models.CharField(max_length=16, blank=True)
    receipts = models.PositiveIntegerField(null=True, blank=True)
    sold = models.DecimalField(max_digits=15, decimal_places=2, null=True, blank=True)
    refunded = models.DecimalField(max_digits=15, decimal_places=2, null=True, blank=True)

    class Meta:
        constraints = [
            # After another drive was put in, numbers begin anew.
            models.UniqueConstraint(
                fields=["register", "number", "opened"], name="onec_receipts_shift_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.register} {self.number}"


class RegisterHealth(models.Model):
    """How a register was when it was asked last, whether it is left alone, and who has it now."""

    register = models.CharField(max_length=128, primary_key=True)
    checked = models.DateTimeField(null=True, blank=True)
    problem = models.TextField(blank=True)
    #: Until when it is not asked: it was away.
    away_until = models.DateTimeField(null=True, blank=True)
    #: In a row.
    failures = models.PositiveIntegerField(default=0)
    #: Of the worker that has it, where only one may; until when it has.
    token = models.CharField(max_length=32, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)
    has_paper = models.BooleanField(null=True)
    unsent = models.PositiveIntegerField(null=True, blank=True)
    drive_ends = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return self.register


class Watermark(models.Model):
    """A channel in which receipts are made, and how far its orders were looked through."""

    #: Slug.
    channel = models.SlugField(max_length=255, primary_key=True)
    #: When receipts began to be made here: what was before is somebody else's.
    began = models.DateTimeField()
    #: What the merchant had set instead, when orders were looked through last.
    since = models.DateTimeField(null=True, blank=True)
    #: All changes up to this one were seen, told of or not.
    moment = models.DateTimeField()

    def __str__(self) -> str:
        return self.channel


class ShiftDocument(models.Model):
    """A shift as a document for 1C, whoever keeps the shifts."""

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    register = models.CharField(max_length=128)
    drive = models.CharField(max_length=16)
    number = models.PositiveIntegerField()
    #: When its first receipt was registered.
    began = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["register", "drive", "number"], name="onec_receipts_shift_document"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.register} {self.number}"
