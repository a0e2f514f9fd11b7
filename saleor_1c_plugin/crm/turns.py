"""One at a time writes a person in a CRM: events, a resync, somebody whose lease was over.

CRMs do not forbid to make the same customer twice. So whoever looks whether there is one, and
makes him, has a turn meanwhile; of a worker that died it ends by itself.
"""

import uuid
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection

from .models import Turn

#: Longer than the calls of one delivery take, however slow the CRM is.
SECONDS = 180

_TAKE = """
INSERT INTO onec_crm_turn AS turn (system, object, token, until)
SELECT %(system)s, object, %(token)s, statement_timestamp() + make_interval(secs => %(seconds)s)
FROM unnest(%(objects)s::text[]) AS object
ON CONFLICT (system, object) DO UPDATE SET token = EXCLUDED.token, until = EXCLUDED.until
WHERE turn.until < statement_timestamp()
RETURNING object
"""


@contextmanager
def turn(system: str, objects: Collection[str]) -> Iterator[frozenset[str]]:
    """Have a turn with these; with which of them is told: the others have somebody already."""
    token = uuid.uuid4().hex
    values: dict[str, Any] = {
        "system": system,
        "token": token,
        # In one order: of two who take many nobody waits for the other one.
        "objects": sorted(set(objects)),
        "seconds": SECONDS,
    }
    with connection.cursor() as cursor:
        cursor.execute(_TAKE, values)
        taken = frozenset(row[0] for row in cursor.fetchall())
    try:
        yield taken
    finally:
        # Rows that are gone need no cleaning up later.
        Turn.objects.filter(system=system, token=token).delete()
