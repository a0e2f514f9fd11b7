from celery import shared_task
from django.db import connection


@shared_task(name="tests.outbox.tick")
def tick() -> None:
    """Leave a trace of having run."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO onec_outbox_message (topic, object, key, payload, replaceable, state, "
            "token, attempts, reason) VALUES "
            "('tick', '', gen_random_uuid()::text, '{}', false, 'pending', '', 0, '')"
        )
