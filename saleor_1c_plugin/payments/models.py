"""What was asked of providers, and what they have told."""

from uuid import uuid4

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from .provider import Status
from .registry.models import ClosedLine, RegistryDocument, RegistryEntry, RegistryRun

__all__ = [
    "Attempt",
    "ClosedLine",
    "Notification",
    "Operation",
    "RegistryDocument",
    "RegistryEntry",
    "RegistryRun",
]


class Attempt(models.Model):
    """One attempt to pay: a transaction of the shop's, and a payment of the provider's.

    What has happened to it only ever grows (:mod:`.states`). Its id is the key of the call that
    creates the payment: however often that is repeated, it is one payment.
    """

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    provider = models.CharField(max_length=32)
    #: Slug.
    channel = models.SlugField(max_length=255)
    #: Ids of the shop's.
    transaction = models.CharField(max_length=64)
    about = models.CharField(max_length=128)
    about_id = models.CharField(max_length=64)
    #: Of the provider's; empty until it is known.
    payment_id = models.CharField(max_length=64, blank=True)
    amount = models.DecimalField(max_digits=15, decimal_places=3)
    currency = models.CharField(max_length=3)
    two_stage = models.BooleanField()
    #: What the buyer has chosen, and where the buyer comes from and goes back to.
    chosen = models.CharField(max_length=32, blank=True)
    return_url = models.TextField(blank=True)
    address = models.CharField(max_length=45, blank=True)
    email = models.CharField(max_length=254, blank=True)
    phone = models.CharField(max_length=32, blank=True)
    #: Who pays, as a document names a company or a person.
    payer = models.CharField(max_length=255, blank=True)
    status = models.CharField(
        max_length=10, choices=[(item.value, item.value) for item in Status], blank=True
    )
    was_held = models.BooleanField(default=False)
    #: What was taken, which may be less than was held.
    charged = models.DecimalField(max_digits=15, decimal_places=3, default=0)
    #: How it was paid, for people.
    method = models.CharField(max_length=128, blank=True)
    #: Why it failed.
    reason = models.CharField(max_length=255, blank=True)
    #: Something that a person must look at: nothing is believed to be paid by it.
    problem = models.CharField(max_length=255, blank=True)
    #: How much of what it took had been paid already by another; believed, unlike a problem.
    duplicate = models.DecimalField(max_digits=15, decimal_places=3, default=0)
    #: What the storefront was given to let the buyer go on.
    confirmation = models.JSONField(null=True)
    is_test = models.BooleanField(default=False)
    created = models.DateTimeField(db_default=Now())
    #: When the provider is asked if it has not told; empty: no more.
    next_poll = models.DateTimeField(null=True, blank=True)
    polls = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["provider", "transaction"], name="onec_payments_transaction"
            ),
            models.UniqueConstraint(
                fields=["provider", "payment_id"],
                condition=~Q(payment_id=""),
                name="onec_payments_payment",
            ),
        ]
        indexes = [
            models.Index(
                fields=["next_poll"],
                condition=Q(next_poll__isnull=False),
                name="onec_payments_poll",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.provider} {self.amount} {self.currency}"


class Operation(models.Model):
    """Money to be taken, let go or given back; or a refund that was made without us.

    Its id is the key of the call.
    """

    class Kind(models.TextChoices):
        CAPTURE = "capture"
        CANCEL = "cancel"
        REFUND = "refund"
        #: By the buyer's bank.
        CHARGEBACK = "chargeback"

    class State(models.TextChoices):
        #: Not carried out as far as is known.
        OPEN = "open"
        DONE = "done"
        FAILED = "failed"

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    attempt = models.ForeignKey(Attempt, on_delete=models.PROTECT, related_name="operations")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    amount = models.DecimalField(max_digits=15, decimal_places=3)
    state = models.CharField(max_length=6, choices=State.choices, default=State.OPEN)
    #: Of a refund, at the provider's; empty until it is known. Of what was paid of a promise, too:
    #: by it the shop knows it.
    refund_id = models.CharField(max_length=255, blank=True)
    #: Id of the staff's request in the shop; empty: nobody has asked here.
    asked = models.CharField(max_length=64, blank=True)
    #: Why it failed.
    reason = models.CharField(max_length=255, blank=True)
    created = models.DateTimeField(db_default=Now())
    #: When the provider was asked for the first time.
    begun = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["asked"], condition=~Q(asked=""), name="onec_payments_asked"
            ),
            models.UniqueConstraint(
                fields=["attempt", "kind", "refund_id"],
                condition=~Q(refund_id=""),
                name="onec_payments_refund",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.amount}"


class Notification(models.Model):
    """What a provider has sent, to the letter; the same sent again is the same row."""

    class State(models.TextChoices):
        NEW = "new"
        DONE = "done"
        #: It names nothing that we know, or not what it says it does.
        ASIDE = "aside"

    provider = models.CharField(max_length=32)
    #: SHA-256 of the body, hex.
    digest = models.CharField(max_length=64)
    body = models.BinaryField()
    #: Those that the provider's signature needs.
    headers = models.JSONField(default=dict)
    #: IP address of whoever was connected.
    source = models.CharField(max_length=45, blank=True)
    payment_id = models.CharField(max_length=64)
    received = models.DateTimeField(db_default=Now())
    state = models.CharField(max_length=5, choices=State.choices, default=State.NEW)
    #: Why it was put aside.
    reason = models.CharField(max_length=255, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["provider", "digest"], name="onec_payments_once"),
        ]

    def __str__(self) -> str:
        return f"{self.provider} {self.payment_id}"
