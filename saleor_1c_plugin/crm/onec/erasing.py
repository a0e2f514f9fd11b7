"""Forgetting a person: what 1C was told without an order is told it again, without him.

Orders are primary documents in 1C, which has to keep them: its own people decide about these.
"""

from django.db import transaction
from django.utils import timezone

from ...orders import news
from ...orders.customers import normal_email, normal_phone
from ...orders.models import CustomerLink
from .cards import card_id
from .models import Card, Told


def erase(*, customer_id: str = "", email: str = "", phone: str = "") -> int:
    """Forget these people; what is empty names nobody."""
    keys = [f"email:{normal_email(email)}"] if email else []
    keys += [f"phone:{normal_phone(phone)}"] if phone else []
    with transaction.atomic():
        count, _ = CustomerLink.objects.filter(buyer__in=keys).delete()
        if customer_id:
            count += Told.objects.filter(customer=customer_id).delete()[0]
            # Also of one that 1C was never told of: now it never is.
            Card.objects.get_or_create(customer=customer_id, defaults={"made": timezone.now()})
            cards = Card.objects.filter(customer=customer_id, erased=None)
            if cards.update(erased=timezone.now()):
                news.changed([card_id(customer_id)], only_known=True)
                count += 1
    return count
