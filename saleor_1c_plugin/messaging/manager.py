"""What nobody here understands goes to the merchant's manager: by e-mail, and by staff channels."""

from datetime import timedelta

from django.conf import settings as django_settings
from django.core.mail import EmailMessage
from django.utils import timezone

from ..outbox import messages
from ..outbox.models import Message
from . import people, staff
from .channel import Incoming, channel
from .models import Heard
from .settings import MessagesSettings

TOPIC = "messages.manager"
#: Messages about what one person writes.
_AN_HOUR = 20
_HOUR = timedelta(hours=1)


def tell(heard: Heard, told: Incoming, who: people.Linked) -> None:
    """Pass it on once the present transaction is committed; nothing is lost where nobody is set.

    Of one who writes without an end the manager hears no end, too: the rest can be looked up.
    """
    of_late = Heard.objects.filter(
        channel=told.channel, address=told.address, command="", at__gt=timezone.now() - _HOUR
    )
    if of_late.count() > _AN_HOUR:
        return
    staff.unknown(heard, told, who)
    messages.append(TOPIC, f"{told.channel}:{heard.pk}", {"heard": heard.pk}, key=str(heard.pk))


def deliver(message: Message) -> None:
    """Write to the manager."""
    row = Heard.objects.filter(pk=message.payload["heard"]).first()
    to = _address()
    if row is None or not to or not (row.text or row.address):
        return
    where = found.title if (found := channel(row.channel)) else row.channel
    EmailMessage(
        # One line: what people write may hold more.
        subject=f"{where}: {' '.join(row.text.split())[:80]}",
        body=f"{row.text}\n\n{where}: {row.address}",
        from_email=django_settings.DEFAULT_FROM_EMAIL,
        to=[to],
    ).send()


def _address() -> str:
    """Of the first channel of the store that names one: nothing says which one was written to."""
    found = (settings.manager for settings in MessagesSettings.all().values())
    return next(filter(None, found), "")
