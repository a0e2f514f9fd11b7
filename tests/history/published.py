"""Holding events against the published schema."""

from collections.abc import Iterable
from typing import Any

from jsonschema import Draft202012Validator

from saleor_1c_plugin.history import schema, wire
from saleor_1c_plugin.history.event import Event


def strict(node: Any) -> Any:
    """The schema, with nothing let through that it does not name."""
    if isinstance(node, list):
        return [strict(one) for one in node]
    if not isinstance(node, dict):
        return node
    inner = {key: strict(value) for key, value in node.items()}
    return {**inner, "additionalProperties": False} if "required" in node else inner


def hold(events: Iterable[tuple[int, Event]]) -> None:
    """They are as the schema says, and nothing is in them that it does not name."""
    validator = Draft202012Validator(strict(schema.published()))
    for number, event in events:
        validator.validate(wire.as_json(number, event))
