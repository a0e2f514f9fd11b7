"""What 1C knows of each order, and who its buyers are there."""

from django.db import models
from django.db.models import F, Q


class OrderRecord(models.Model):
    """An order of the shop, and how far 1C knows it.

    `version` counts the changes of the shop's; `confirmed` is the one that 1C has confirmed, or
    need not be told of since it came from there. What 1C was given and has not confirmed stays
    news, whoever asks next: nothing is lost with an answer that never arrived.
    """

    #: The shop's id.
    order_id = models.CharField(max_length=64, unique=True)
    version = models.BigIntegerField(default=1)
    confirmed = models.BigIntegerField(default=0)
    #: When `version` rose last.
    changed = models.DateTimeField()
    #: SHA-256 of the documents that 1C knows: equal ones are no news, whatever was written.
    digest = models.CharField(max_length=64, default="", blank=True)
    onec_number = models.CharField(max_length=50, default="", blank=True)
    onec_issued = models.DateField(null=True, blank=True)
    #: When 1C wrote the package whose document was applied last.
    applied_from = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["changed", "id"],
                name="onec_orders_news",
                condition=Q(version__gt=F("confirmed")),
            ),
        ]

    def __str__(self) -> str:
        return self.order_id


class AppliedDocument(models.Model):
    """A document of 1C's, as it was last applied: the same once more changes nothing."""

    #: 1C's id of the document, with its kind: ids are unique within a file alone.
    kind = models.CharField(max_length=60)
    onec_id = models.CharField(max_length=255)
    order = models.ForeignKey(
        OrderRecord, null=True, blank=True, on_delete=models.CASCADE, related_name="documents"
    )
    #: SHA-256 of its content.
    digest = models.CharField(max_length=64)
    #: Something in it could not be done: it is tried again whenever it comes.
    refused = models.BooleanField(default=False)
    applied = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["kind", "onec_id"], name="onec_orders_document"),
        ]
        indexes = [models.Index(fields=["digest"], name="onec_orders_document_digest")]

    def __str__(self) -> str:
        return f"{self.kind} {self.onec_id}"


class ToldFact(models.Model):
    """A payment or a shipment that 1C told of, by one of the references that name it.

    1C may tell of one twice: by a document of its own, and by number and date in the order's.
    """

    order = models.ForeignKey(OrderRecord, on_delete=models.CASCADE, related_name="facts")
    kind = models.CharField(max_length=10)
    reference = models.CharField(max_length=255)
    #: The reference that the shop was given.
    name = models.CharField(max_length=255)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["order", "kind", "reference"], name="onec_orders_told_fact"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.reference}"


class HandOut(models.Model):
    """An order as a session of 1C's was given it; gone once that session has confirmed it."""

    #: Key of the exchange.
    session = models.CharField(max_length=64)
    order = models.ForeignKey(OrderRecord, on_delete=models.CASCADE, related_name="handed_out")
    version = models.BigIntegerField()
    digest = models.CharField(max_length=64)
    given = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["session", "order"], name="onec_orders_hand_out"),
        ]

    def __str__(self) -> str:
        return f"{self.session} {self.order_id}"


class CustomerLink(models.Model):
    """A buyer of the shop's and the counterparty that he is in 1C."""

    #: ``user:<id>`` of an account, ``email:<address>`` or ``phone:<number>`` of a guest.
    buyer = models.CharField(max_length=320, unique=True)
    onec_id = models.CharField(max_length=255, db_index=True)
    linked = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return f"{self.buyer} {self.onec_id}"


class Watermark(models.Model):
    """How far the shop's orders were looked through for changes that nobody told of; one row."""

    moment = models.DateTimeField()
    #: Orders made earlier are none of 1C's, unless the merchant wants them.
    began = models.DateTimeField()
    #: Which orders the merchant wanted then: other ones are to be looked for from the beginning.
    wanted = models.CharField(max_length=64, default="", blank=True)
