"""The register of changes: what 1C said last about each object, and what the shop has for it."""

from django.db import models


class RegisterEntry(models.Model):
    """One object of 1C.

    ``print_*`` are fingerprints of the very bytes (with the settings that they were applied
    under), so that an unchanged object costs one comparison. ``hash_*`` are canonical hashes of
    what was *written* to the shop, part by part, so that bytes that differ without a difference
    in meaning (a version number, the order of attributes) write nothing. ``raw_*`` is the XML
    itself, zlib-compressed, enough to apply the object again.

    An offer of the older schemas comes in up to four places, each with a slot of its own:
    ``goods`` (as ``Товар`` with a characteristic), ``card``, ``price`` and ``stock``.
    """

    class State(models.TextChoices):
        ACTIVE = "active"
        #: Waits for another object (an offer for its product's card).
        PENDING = "pending"
        #: Taken off the shop: deleted in 1C, or missing from a full export.
        RETIRED = "retired"

    kind = models.CharField(max_length=16)
    onec_id = models.CharField(max_length=255)
    #: Of an offer: the 1C id of its product. Of a group: its parent.
    parent_id = models.CharField(max_length=255, default="", blank=True)
    #: 1C's id of the catalogue that it belongs to.
    catalog_id = models.CharField(max_length=255, default="", blank=True)
    store_id = models.CharField(max_length=64, null=True, blank=True)
    #: Of a product: the shop's id of its type. Of a property: its input type in the shop.
    type_id = models.CharField(max_length=64, default="", blank=True)
    name = models.CharField(max_length=300, default="", blank=True)
    article = models.CharField(max_length=255, default="", blank=True)
    state = models.CharField(max_length=8, choices=State.choices, default=State.ACTIVE)
    print_goods = models.BinaryField(null=True)
    print_card = models.BinaryField(null=True)
    print_price = models.BinaryField(null=True)
    print_stock = models.BinaryField(null=True)
    hash_card = models.BinaryField(null=True)
    hash_pictures = models.BinaryField(null=True)
    hash_price = models.BinaryField(null=True)
    hash_stock = models.BinaryField(null=True)
    raw_goods = models.BinaryField(null=True)
    raw_card = models.BinaryField(null=True)
    raw_price = models.BinaryField(null=True)
    raw_stock = models.BinaryField(null=True)
    #: Path of each picture → SHA-256 of what the shop has for it.
    pictures = models.JSONField(default=dict)
    last_seen = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["kind", "onec_id"], name="onec_register_object"),
        ]
        indexes = [
            models.Index(
                fields=["parent_id"],
                name="onec_register_pending",
                condition=models.Q(state="pending"),
            ),
            models.Index(
                fields=["parent_id"],
                name="onec_register_pictured",
                condition=models.Q(kind="offer") & ~models.Q(pictures={}),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.onec_id}"


class FullExport(models.Model):
    """A section of an exchange that claims to be complete: what it does not name is missing."""

    exchange_key = models.CharField(max_length=64)
    #: ``product`` or ``offer``.
    kind = models.CharField(max_length=16)
    catalog_id = models.CharField(max_length=255)
    started_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["exchange_key", "kind", "catalog_id"], name="onec_full_export_section"
            ),
        ]


class PendingFollowUp(models.Model):
    """Work that the shop still owes after a batch, written in the batch's own transaction."""

    #: A :class:`~saleor_1c_plugin.store.ports.FollowUps` as a mapping.
    work = models.JSONField()
    created = models.DateTimeField(auto_now_add=True)
