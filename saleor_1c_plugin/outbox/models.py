"""What has to leave this shop, and how far it got."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now


class Message(models.Model):
    """A row of the outbox.

    Messages of one object within one topic are delivered in the order of their ids: only the
    oldest that is not delivered may be. The others are put aside (`due` empty) as soon as a worker
    meets them, so that a long row behind one object costs the claims of others nothing; whoever
    ends a message brings its follower back.
    """

    class State(models.TextChoices):
        PENDING = "pending"
        #: Given up; those behind it wait until a person sends it again or drops it.
        DEAD = "dead"
        #: Kept for a while: for people to see, and for its key not to be used again.
        DELIVERED = "delivered"

    #: Which receiver.
    topic = models.CharField(max_length=64)
    #: What keeps its order within the topic.
    object = models.CharField(max_length=255)
    #: The same event has the same key, here and at the receiver.
    key = models.CharField(max_length=255)
    payload = models.JSONField()
    #: Newer news of the object may take its place.
    replaceable = models.BooleanField(default=False)
    state = models.CharField(max_length=9, choices=State.choices, default=State.PENDING)
    created = models.DateTimeField(db_default=Now())
    #: When a worker may take it: while one has it, the end of the lease; empty while another
    #: message of the object goes before it, and when it is over.
    due = models.DateTimeField(null=True, blank=True, db_default=Now())
    #: Of the worker that has it.
    token = models.CharField(max_length=32, default="", blank=True)
    #: Deliveries that were begun.
    attempts = models.PositiveIntegerField(default=0)
    #: Why the last one failed.
    reason = models.TextField(default="", blank=True)
    delivered = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["topic", "key"], name="onec_outbox_key"),
        ]
        indexes = [
            models.Index(
                fields=["topic", "due", "id"],
                name="onec_outbox_due",
                condition=Q(state="pending", due__isnull=False),
            ),
            models.Index(
                fields=["topic", "object", "id"],
                name="onec_outbox_order",
                condition=~Q(state="delivered"),
            ),
            models.Index(fields=["id"], name="onec_outbox_dead", condition=Q(state="dead")),
            models.Index(
                fields=["delivered"], name="onec_outbox_delivered", condition=Q(state="delivered")
            ),
        ]

    def __str__(self) -> str:
        return f"{self.topic} {self.key}"


class Circuit(models.Model):
    """Failures of a topic's receiver: after many it is left alone, then asked by one message."""

    topic = models.CharField(max_length=64, unique=True)
    #: Since its last success.
    failures = models.PositiveIntegerField(default=0)
    open_until = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return self.topic


class Deliverer(models.Model):
    """One of the few workers that deliver at a time; the shop's own tasks need the others."""

    number = models.PositiveSmallIntegerField(primary_key=True)
    token = models.CharField(max_length=32)
    lease_until = models.DateTimeField()

    def __str__(self) -> str:
        return str(self.number)


class Pace(models.Model):
    """From when on a service may be called next, by whichever worker."""

    key = models.CharField(max_length=96, primary_key=True)
    free = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["free"], name="onec_outbox_pace_free")]

    def __str__(self) -> str:
        return self.key


class Call(models.Model):
    """A call for a worker that nobody has answered yet: while there is one, no other is made."""

    #: Of the task.
    name = models.CharField(max_length=100, primary_key=True)
    until = models.DateTimeField()

    def __str__(self) -> str:
        return self.name


class RegularRun(models.Model):
    """When a regular work was begun last."""

    name = models.CharField(max_length=100, unique=True)
    begun = models.DateTimeField(db_index=False)

    def __str__(self) -> str:
        return self.name
