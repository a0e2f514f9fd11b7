"""Whom the shop's customers, orders and events are in each CRM, and what is being done about it.

`system` is everywhere the name of a CRM, see :class:`~.adapter.System`.
"""

from uuid import uuid4

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from .adapter import Kind


class Person(models.Model):
    """Somebody who buys, however he is known; nothing about him is kept here."""

    id = models.UUIDField(primary_key=True, default=uuid4)
    made = models.DateTimeField(db_default=Now())

    def __str__(self) -> str:
        return f"person {self.pk}"


class Mark(models.Model):
    """By what a person is known: "user:17", "email:anna@shop.example", "order:…"."""

    mark = models.CharField(max_length=300, unique=True)
    person = models.ForeignKey(Person, models.CASCADE, related_name="marks")

    def __str__(self) -> str:
        return f"mark {self.pk}"


class Link(models.Model):
    """What something of ours is in a CRM."""

    class Of(models.TextChoices):
        CONTACT = Kind.CONTACT.value
        COMPANY = Kind.COMPANY.value
        DEAL = Kind.DEAL.value
        #: An entry of a timeline.
        FACT = "fact"
        #: An entry that somebody there has written, and that was taken.
        COMMENT = "comment"

    system = models.CharField(max_length=32)
    of = models.CharField(max_length=16, choices=Of.choices)
    #: Id of a person, "inn:<ИНН>", id of an order, key of an event, "comment:<id there>".
    ours = models.CharField(max_length=255)
    #: Empty: it was asked for, and no answer has come.
    theirs = models.CharField(max_length=64, blank=True)
    #: Of what was written there last; empty: not known.
    digest = models.CharField(max_length=64, blank=True)
    #: Of a deal: the stage that we have moved it to last.
    stage = models.CharField(max_length=64, blank=True)
    #: As it was seen there last, see :mod:`.news`.
    seen = models.JSONField(default=dict, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["system", "of", "ours"], name="onec_crm_link_once"),
        ]
        indexes = [models.Index(fields=["system", "of", "theirs"], name="onec_crm_link_theirs")]

    def __str__(self) -> str:
        return f"{self.system} {self.of} {self.theirs}"


class Proposal(models.Model):
    """Several records of a CRM may be one of ours, or one may be somebody else's: who decides?"""

    system = models.CharField(max_length=32)
    of = models.CharField(max_length=16, choices=Link.Of.choices)
    ours = models.CharField(max_length=255)
    #: ``{"id": …, "why": […]}``.
    candidates = models.JSONField()
    made = models.DateTimeField(db_default=Now())
    decided = models.DateTimeField(null=True, blank=True)
    #: Id there; empty, once it is decided: none of them.
    chosen = models.CharField(max_length=64, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["system", "of", "ours"], name="onec_crm_proposal_once"),
        ]
        indexes = [
            models.Index(
                fields=["system", "made"], condition=Q(decided=None), name="onec_crm_proposal_open"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.system} {self.of} {self.ours}"


class Held(models.Model):
    """What waits until it is decided who a person is: a message as it was in the outbox."""

    system = models.CharField(max_length=32)
    person = models.ForeignKey(Person, models.CASCADE, related_name="+")
    key = models.CharField(max_length=255)
    payload = models.JSONField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["system", "key"], name="onec_crm_held_once"),
        ]

    def __str__(self) -> str:
        return f"{self.system} {self.key}"


class Turn(models.Model):
    """Somebody writes a person or a company of a CRM's; the others wait."""

    system = models.CharField(max_length=32)
    object = models.CharField(max_length=64)
    token = models.CharField(max_length=32)
    until = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["system", "object"], name="onec_crm_turn_once"),
        ]

    def __str__(self) -> str:
        return f"{self.system} {self.object}"


class Resync(models.Model):
    """How far everybody and everything has been sent anew. There is one row for a CRM."""

    system = models.CharField(max_length=32, primary_key=True)
    #: Of this time; a message of an earlier one does nothing.
    run = models.PositiveIntegerField(default=0)
    began = models.DateTimeField(null=True, blank=True)
    ended = models.DateTimeField(null=True, blank=True)
    #: All up to these were sent.
    customer_moment = models.DateTimeField(null=True, blank=True)
    customer = models.CharField(max_length=64, blank=True)
    order_moment = models.DateTimeField(null=True, blank=True)
    order = models.CharField(max_length=64, blank=True)
    customers_total = models.PositiveIntegerField(null=True, blank=True)
    customers_done = models.PositiveIntegerField(default=0)
    orders_total = models.PositiveIntegerField(null=True, blank=True)
    orders_done = models.PositiveIntegerField(default=0)
    #: Of these how many could not be written.
    problems = models.PositiveIntegerField(default=0)
    #: What the CRM said of the last of them.
    problem = models.TextField(blank=True)

    def __str__(self) -> str:
        return f"{self.system} {self.run}"


class Look(models.Model):
    """How far the changes of a CRM's people have come back. There is one row for a CRM."""

    system = models.CharField(max_length=32, primary_key=True)
    #: As the CRM has said it, see :class:`~.returning.Changes`.
    cursor = models.CharField(max_length=1000, blank=True)
    #: Comments that are older are not told.
    began = models.DateTimeField(db_default=Now())
    #: When it was asked for last.
    asked = models.DateTimeField(null=True, blank=True)
    #: When all was seen.
    ended = models.DateTimeField(null=True, blank=True)
    #: The CRM has called meanwhile.
    is_woken = models.BooleanField(default=False)
    #: How often it was asked for.
    number = models.PositiveIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.system} {self.number}"
