"""What is said to whom: texts that the merchant has changed, people's wishes, every message."""

import secrets

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from ..clock import Moment
from .bots.models import LinkCode, WrongCode

__all__ = [
    "Delivery",
    "Heard",
    "Link",
    "LinkCode",
    "Preference",
    "Template",
    "WrongCode",
]


def new_secret() -> str:
    # 96 bits: nobody finds it by trying, and it is short enough for an SMS.
    return secrets.token_urlsafe(12)


class Template(models.Model):
    """A text that the merchant has written instead of ours, see :mod:`.texts`."""

    #: Kind of the event; for a status of an order with it: "order.status:shipped".
    about = models.CharField(max_length=64)
    language = models.CharField(max_length=8)
    #: Name of the channel; empty: for all that have none of their own.
    channel = models.CharField(max_length=32, blank=True)
    subject = models.CharField(max_length=200, blank=True)
    body = models.TextField()
    changed = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["about", "language", "channel"], name="onec_messaging_template_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.about} {self.language} {self.channel}"


class Preference(models.Model):
    """What is wanted at an address; made when there is something to say there.

    Its page is named in what is sent there, and nowhere else: so whoever decides is who reads it.
    """

    #: See :func:`~.people.identity`: "email:anna@shop.example", "phone:+79990000000".
    address = models.CharField(max_length=300, unique=True)
    #: Of its page; whoever has it may decide.
    secret = models.CharField(max_length=32, unique=True, default=new_secret)
    #: Name of a channel → whether its reader may be written to there; others: as is usual.
    allowed = models.JSONField(default=dict)
    #: Of the texts; empty: the store's.
    language = models.CharField(max_length=8, blank=True)
    #: IANA name; empty: see :func:`~.quiet.zone_of`.
    zone = models.CharField(max_length=64, blank=True)
    #: Since when its reader wants to hear nothing at all.
    opted_out = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"preference {self.pk}"


class Link(models.Model):
    """Who is behind an address of a channel that knows people by ids of its own: a bot's.

    An account, or an order of somebody's who has none. Never whoever has some e-mail or phone:
    anybody can order in the name of a stranger's, and would then read what is meant for him.
    """

    channel = models.CharField(max_length=32)
    address = models.CharField(max_length=255)
    customer_id = models.CharField(max_length=64, blank=True)
    order_id = models.CharField(max_length=64, blank=True)
    made = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["channel", "address", "customer_id", "order_id"],
                name="onec_messaging_link_once",
            ),
        ]
        indexes = [
            models.Index(
                fields=["customer_id"], condition=~Q(customer_id=""), name="onec_messaging_link_id"
            ),
            models.Index(
                fields=["order_id"], condition=~Q(order_id=""), name="onec_messaging_link_order"
            ),
        ]

    def __str__(self) -> str:
        return f"link {self.pk} {self.channel}"


class Delivery(models.Model):
    """A message by one channel: the journal of messages.

    For an event and a rule there is one for each channel that was tried, `step` after `step`.
    """

    class State(models.TextChoices):
        #: Not now: it is night where the reader is; goes at `due`.
        HELD = "held"
        #: In the outbox.
        QUEUED = "queued"
        #: The service was called, and has not answered yet: it may have it.
        SENDING = "sending"
        #: The service has it.
        SENT = "sent"
        #: The service says that the reader has it.
        DELIVERED = "delivered"
        #: The reader can't be reached there.
        UNREACHABLE = "unreachable"
        #: The service will never take it.
        FAILED = "failed"
        #: The service may have it: its answer was lost.
        UNKNOWN = "unknown"
        #: Another channel was taken instead, before this one.
        OVERTAKEN = "overtaken"
        #: It was not sent in the time in which it is worth something.
        EXPIRED = "expired"
        #: It was not to be sent at all: `reason` says why.
        DROPPED = "dropped"

    #: Of the event, see :class:`~saleor_1c_plugin.history.event.Event`; of an answer to somebody
    #: who has written to us: "answer:<channel>:<reference>".
    event = models.CharField(max_length=255)
    #: The rule that wanted it, as it stood in the settings.
    rule = models.CharField(max_length=255, blank=True)
    step = models.PositiveSmallIntegerField(default=0)
    #: Kind of the event, for an order's status with it; empty for an answer.
    about = models.CharField(max_length=64, blank=True)
    #: Of Saleor, a slug.
    shop_channel = models.SlugField(max_length=255, blank=True)
    order_id = models.CharField(max_length=64, blank=True)
    order_number = models.CharField(max_length=64, blank=True)

    # To whom, and what; erased where that is asked for. E-mail and phone: in their normal forms.
    preference = models.ForeignKey(
        Preference, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    customer_id = models.CharField(max_length=64, blank=True)
    email = models.CharField(max_length=254, blank=True)
    phone = models.CharField(max_length=128, blank=True)
    address = models.CharField(max_length=255, blank=True)
    subject = models.CharField(max_length=200, blank=True)
    body = models.TextField(blank=True)
    #: ``[label, url, command]``, see :class:`~.channel.Button`.
    buttons = models.JSONField(default=list)
    way_out = models.TextField(blank=True)

    #: Name of the channel; empty: none was possible.
    channel = models.CharField(max_length=32, blank=True)
    #: Channels that are left to be tried, by commas.
    rest = models.TextField(blank=True)
    state = models.CharField(max_length=11, choices=State.choices)
    #: Why it is not sent, or was not.
    reason = models.TextField(blank=True)
    created = models.DateTimeField(db_default=Moment())
    #: When something is to be done: to send what is held, to try the next channel.
    due = models.DateTimeField(null=True, blank=True)
    #: When the service was called last.
    began = models.DateTimeField(null=True, blank=True)
    sent = models.DateTimeField(null=True, blank=True)
    delivered = models.DateTimeField(null=True, blank=True)
    #: How often it was put into the outbox.
    turn = models.PositiveSmallIntegerField(default=0)

    # As the service has said, see :class:`~.channel.Sent`.
    reference = models.CharField(max_length=255, blank=True)
    is_told_later = models.BooleanField(default=False)
    parts = models.PositiveSmallIntegerField(default=1)
    cost = models.DecimalField(max_digits=12, decimal_places=4, null=True, blank=True)
    currency = models.CharField(max_length=3, blank=True)

    class Meta:
        constraints = [
            # Whatever is read or heard twice is said once.
            models.UniqueConstraint(
                fields=["event", "rule", "step"], name="onec_messaging_delivery_once"
            ),
        ]
        indexes = [
            models.Index(fields=["due"], condition=Q(due__isnull=False), name="onec_messaging_due"),
            *(
                models.Index(
                    fields=[field, "created"],
                    condition=~Q(**{field: ""}),
                    name=f"onec_messaging_{field[:8]}",
                )
                for field in ("customer_id", "email", "phone")
            ),
            models.Index(fields=["channel", "reference"], name="onec_messaging_reference"),
            models.Index(fields=["order_id"], name="onec_messaging_order"),
            models.Index(fields=["created"], name="onec_messaging_created"),
        ]

    def __str__(self) -> str:
        return f"{self.about} {self.channel} {self.state}"


class Heard(models.Model):
    """What somebody has said to us, once."""

    channel = models.CharField(max_length=32)
    reference = models.CharField(max_length=255)
    #: Erased, with the text, where that is asked for.
    address = models.CharField(max_length=255, blank=True)
    text = models.TextField(blank=True)
    #: Name of the command that it was taken for; empty: it went to the manager.
    command = models.CharField(max_length=64, blank=True)
    at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["channel", "reference"], name="onec_messaging_heard_once"
            ),
        ]
        indexes = [models.Index(fields=["at"], name="onec_messaging_heard_at")]

    def __str__(self) -> str:
        return f"{self.channel} {self.command}"
