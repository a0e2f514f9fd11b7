"""Forgetting a person in amoCRM, whose API deletes no contacts: he is emptied.

Nothing of the contact's fields, names and tags is left, and whoever is in charge of it gets a task
to delete the rest by hand: what people have written or said to him is in its timeline.
"""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from . import fields
from .client import Client, Params

_UNTIL = timedelta(days=3)


def forget_contact(client: Client, there: Mapping[str, Any]) -> str:
    """Empty a contact; what amoCRM says against it."""
    if fields.is_emptied(there):
        return ""
    record = int(there["id"])
    # First: of a contact that is empty already nobody would ask.
    problem = _ask_for_the_rest(client, record, there)
    if problem:
        return problem
    item = {"id": record, **fields.emptied(there)}
    (said,) = client.write("PATCH", "contacts", "contacts", [item])
    return said.problem


def _ask_for_the_rest(client: Client, record: int, there: Mapping[str, Any]) -> str:
    text = _("The customer wants to be forgotten: delete this contact with its timeline.")
    asked: Params = [
        ("filter[entity_type]", "contacts"),
        ("filter[entity_id][0]", record),
        ("filter[is_completed]", 0),
    ]
    if any(row.get("text") == text for row in client.sure("tasks", asked).rows("tasks")):
        return ""
    task: dict[str, Any] = {
        "text": text,
        "entity_id": record,
        "entity_type": "contacts",
        "complete_till": int((timezone.now() + _UNTIL).timestamp()),
    }
    if there.get("responsible_user_id"):
        task["responsible_user_id"] = there["responsible_user_id"]
    return client.post("tasks", [task]).problem
