"""How many workers deliver at a time: without a bound, a slow receiver would take them all."""

import uuid

from django.db import connection

from ..clock import from_now
from .models import Deliverer

AT_MOST = 2
LEASE_SECONDS = 30

_TAKE = """
INSERT INTO onec_outbox_deliverer AS deliverer (number, token, lease_until)
VALUES (%(number)s, %(token)s, statement_timestamp() + make_interval(secs => %(lease)s))
ON CONFLICT (number) DO UPDATE SET token = EXCLUDED.token, lease_until = EXCLUDED.lease_until
WHERE deliverer.lease_until < statement_timestamp()
"""


def take() -> str | None:
    """Become a deliverer: the token of it, or ``None`` when there are enough."""
    token = uuid.uuid4().hex
    with connection.cursor() as cursor:
        for number in range(AT_MOST):
            cursor.execute(_TAKE, {"number": number, "token": token, "lease": LEASE_SECONDS})
            if cursor.rowcount:
                return token
    return None


def stay(token: str) -> bool:
    """Renew; false when another worker has taken the place."""
    return bool(Deliverer.objects.filter(token=token).update(lease_until=from_now(LEASE_SECONDS)))


def leave(token: str) -> None:
    """Make room for another worker."""
    Deliverer.objects.filter(token=token).delete()
