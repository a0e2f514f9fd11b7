"""What nobody has told: attempts that are under way are asked for, less and less often.

Those that nobody can be asked for are given up when their time is over.
"""

from uuid import UUID

from django.db import transaction
from django.utils import timezone

from ..outbox import messages
from ..outbox.errors import Retry
from ..outbox.models import Message
from . import accounts, intake, promises
from .asking import ask
from .models import Attempt
from .offline import Offline
from .provider import NoAnswer, providers

TOPIC = "payments.checks"
#: Asked for by one run: the next follows in a minute.
_BATCH = 5000


def poll() -> None:
    """Have everything asked for that is due."""
    due = Attempt.objects.filter(next_poll__lte=timezone.now()).order_by("next_poll")
    for pk, polls in list(due.values_list("pk", "polls")[:_BATCH]):
        with transaction.atomic():
            # Under the same key until it was answered: what is not delivered does not pile up.
            messages.append(TOPIC, str(pk), {"attempt": str(pk)}, key=f"{pk}:{polls}")
    intake.look_again()


def deliver(message: Message) -> None:
    """Ask for one attempt."""
    attempt = Attempt.objects.filter(pk=UUID(message.payload["attempt"])).first()
    if attempt is None or attempt.next_poll is None or attempt.next_poll > timezone.now():
        return
    if isinstance(providers().get(attempt.provider), Offline):
        promises.expire(attempt.pk)
        return
    found = accounts.of_attempt(attempt)
    if found is None:
        raise Retry(f"The gateway {attempt.provider} is switched off in {attempt.channel}")
    try:
        ask(*found, attempt)
    except NoAnswer as error:
        raise Retry(str(error)) from None
