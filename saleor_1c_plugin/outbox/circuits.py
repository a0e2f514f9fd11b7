"""Leaving a receiver alone that fails again and again; the state is common to all workers."""

from collections.abc import Collection

from django.db import connection
from django.db.models import Q
from django.db.models.functions import Now

from ..clock import from_now
from .backoff import delay
from .models import Circuit

#: So many failures in a row, of any messages, mean that the receiver itself is at fault.
THRESHOLD = 10
LONGEST_SECONDS = 300.0

_FAILED = """
INSERT INTO onec_outbox_circuit AS circuit (topic, failures) VALUES (%s, %s)
ON CONFLICT (topic) DO UPDATE SET failures = circuit.failures + EXCLUDED.failures
RETURNING failures
"""


def closed(topics: Collection[str]) -> dict[str, int]:
    """Those of the topics that may be served, with their failures in a row."""
    rows = Circuit.objects.filter(topic__in=topics).exclude(failures=0)
    known = {row.topic: row for row in rows.annotate(is_open=Q(open_until__gt=Now()))}
    return {
        topic: known[topic].failures if topic in known else 0
        for topic in topics
        if topic not in known or not known[topic].is_open
    }


def failed(topic: str, times: int) -> None:
    """Note failures, with no success among them."""
    with connection.cursor() as cursor:
        cursor.execute(_FAILED, [topic, times])
        (failures,) = cursor.fetchone()
    if failures >= THRESHOLD:
        pause = delay(failures - THRESHOLD + 1, LONGEST_SECONDS)
        Circuit.objects.filter(topic=topic).update(open_until=from_now(pause))


def succeeded(topic: str) -> None:
    """The receiver answers again."""
    Circuit.objects.filter(topic=topic).update(failures=0, open_until=None)
