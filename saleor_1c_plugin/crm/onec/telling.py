"""What is kept of a person about 1C: who he is there, and what it has told of him."""

from collections.abc import Iterator, Mapping
from typing import Any

from ...orders.customers import normal_email, normal_phone
from ...orders.models import CustomerLink, OrderRecord
from .cards import card_id
from .models import Told


def tell(*, customer_id: str = "", email: str = "", phone: str = "") -> Iterator[Mapping[str, Any]]:
    """What is empty names nobody."""
    keys = [f"user:{customer_id}"] if customer_id else []
    keys += [f"email:{normal_email(email)}"] if email else []
    keys += [f"phone:{normal_phone(phone)}"] if phone else []
    for link in CustomerLink.objects.filter(buyer__in=keys).order_by("pk"):
        yield {"known_by": link.buyer, "counterparty": link.onec_id}
    if not customer_id:
        return
    for row in Told.objects.filter(customer=customer_id).order_by("pk"):
        yield {
            "counterparty": row.onec_id,
            "first_name": row.first_name,
            "last_name": row.last_name,
            "phone": row.phone,
        }
    if OrderRecord.objects.filter(order_id=card_id(customer_id)).exclude(digest="").exists():
        yield {"document": card_id(customer_id)}
