"""What providers' registries say, and how far they are loaded."""

from uuid import uuid4

from django.db import models
from django.db.models.functions import Now

from ..provider import EntryKind


class RegistryEntry(models.Model):
    """Money that a provider says it has moved; told again, it is the same row."""

    provider = models.CharField(max_length=32)
    #: The provider's own name of it.
    account = models.CharField(max_length=128)
    kind = models.CharField(max_length=10, choices=[(item.value, item.value) for item in EntryKind])
    #: Ids of the provider's: of the move, and of the payment that it belongs to.
    reference = models.CharField(max_length=128)
    payment_id = models.CharField(max_length=128)
    #: Id of our attempt, where the provider gives it back.
    attempt = models.CharField(max_length=64, blank=True)
    amount = models.DecimalField(max_digits=15, decimal_places=3)
    currency = models.CharField(max_length=3)
    #: Empty: the provider does not say.
    fee = models.DecimalField(max_digits=15, decimal_places=3, null=True, blank=True)
    at = models.DateTimeField()
    #: What it has come to on an account in another currency; empty: it is in its own there.
    converted = models.DecimalField(max_digits=15, decimal_places=3, null=True, blank=True)
    converted_currency = models.CharField(max_length=3, blank=True)
    #: Of this conversion; empty: the provider does not say.
    rate = models.DecimalField(max_digits=30, decimal_places=15, null=True, blank=True)
    #: Why the payment could not be mended by it, see :mod:`.mending`.
    refusal = models.CharField(max_length=255, blank=True)
    #: When it was told for the first time.
    loaded = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["provider", "kind", "reference"], name="onec_payments_entry"
            ),
        ]
        indexes = [
            models.Index(fields=["provider", "at"], name="onec_payments_entry_at"),
            models.Index(fields=["provider", "payment_id"], name="onec_payments_entry_of"),
        ]

    def __str__(self) -> str:
        return f"{self.provider} {self.kind} {self.amount} {self.currency}"


class RegistryRun(models.Model):
    """A period of an account's registry, and whether it is loaded.

    `asked` counts how often it was asked for, `loaded` is the count that was worked off: the same
    message twice loads it once.
    """

    class State(models.TextChoices):
        OPEN = "open"
        DONE = "done"
        FAILED = "failed"

    provider = models.CharField(max_length=32)
    account = models.CharField(max_length=128)
    #: Slug of one in which the account is set up.
    channel = models.SlugField(max_length=255)
    since = models.DateTimeField()
    until = models.DateTimeField()
    #: Up to when the registry is loaded, which is earlier where the period was not over.
    covered = models.DateTimeField(null=True, blank=True)
    state = models.CharField(max_length=6, choices=State.choices, default=State.OPEN)
    #: What the last try met.
    error = models.CharField(max_length=255, blank=True)
    asked = models.PositiveIntegerField(default=0)
    asked_at = models.DateTimeField(null=True, blank=True)
    loaded = models.PositiveIntegerField(default=0)
    #: Entries of the last load, and those of them that were not known before.
    entries = models.PositiveIntegerField(default=0)
    added = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["provider", "account", "since", "until"], name="onec_payments_run"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.provider} {self.account} {self.since}"


class ClosedLine(models.Model):
    """A line of the report that needs nobody any more: a person has looked at it, and said why.

    That holds for the line as it was: one that says something else since is open again.
    """

    class Kind(models.TextChoices):
        MOVE = "move"
        #: What was paid twice.
        DOUBLE = "double"
        #: A payment that is not what was asked for.
        PROBLEM = "problem"
        NOTIFICATION = "notification"

    kind = models.CharField(max_length=12, choices=Kind.choices)
    provider = models.CharField(max_length=32)
    #: Of the line, among those of its kind.
    reference = models.CharField(max_length=160)
    #: SHA-256 of what the line said, hex.
    said = models.CharField(max_length=64)
    #: As the page's server knows them; empty: it lets in everybody.
    who = models.CharField(max_length=254, blank=True)
    note = models.CharField(max_length=500)
    at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "provider", "reference"], name="onec_payments_closed"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.provider} {self.reference}"


class RegistryDocument(models.Model):
    """A day of an account's registry as a document for 1C."""

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    provider = models.CharField(max_length=32)
    account = models.CharField(max_length=128)
    #: By the clock of 1C's documents.
    day = models.DateField()
    currency = models.CharField(max_length=3)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["provider", "account", "day", "currency"],
                name="onec_payments_registry_day",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.provider} {self.account} {self.day}"
