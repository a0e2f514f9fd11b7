"""Values of attributes on products and variants."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import Decimal

from ..store.ports import Assignment, ChoiceValue
from .bulk import BATCH
from .models import AttributeChoice, AttributeValue, Product, Variant


def assign_to_products(assigned: Iterable[tuple[Product, Sequence[Assignment]]]) -> None:
    """Give each product the values of the attributes that it is given; others stay."""
    _replace({row.pk: assignments for row, assignments in assigned}, "product_id")


def assign_to_variants(assigned: Iterable[tuple[Variant, Sequence[Assignment]]]) -> None:
    """The same for variants."""
    _replace({row.pk: assignments for row, assignments in assigned}, "variant_id")


def _replace(assigned: dict[int, Sequence[Assignment]], owner: str) -> None:
    pairs = {
        (owner_id, int(assignment.attribute_id))
        for owner_id, assignments in assigned.items()
        for assignment in assignments
    }
    stale = AttributeValue.objects.filter(**{f"{owner}__in": assigned}).values_list(
        "pk", owner, "attribute_id"
    )
    AttributeValue.objects.filter(
        pk__in=[pk for pk, owner_id, attribute_id in stale if (owner_id, attribute_id) in pairs]
    ).delete()
    choices = _choices(assigned.values())
    AttributeValue.objects.bulk_create(
        [
            _value(int(assignment.attribute_id), value, choices, {owner: owner_id})
            for owner_id, assignments in assigned.items()
            for assignment in assignments
            for value in assignment.values
        ],
        batch_size=BATCH,
    )


def _choices(all_assignments: Iterable[Sequence[Assignment]]) -> dict[tuple[int, str], int]:
    """Id of each choice by attribute and key; missing ones are made."""
    wanted = {
        (int(assignment.attribute_id), value.key): value.name[:250]
        for assignments in all_assignments
        for assignment in assignments
        for value in assignment.values
        if isinstance(value, ChoiceValue)
    }
    AttributeChoice.objects.bulk_create(
        [
            AttributeChoice(attribute_id=attribute_id, key=key, name=name)
            for (attribute_id, key), name in wanted.items()
        ],
        ignore_conflicts=True,
        batch_size=BATCH,
    )
    rows = AttributeChoice.objects.filter(
        attribute_id__in={attribute_id for attribute_id, _ in wanted},
        key__in={key for _, key in wanted},
    ).values_list("attribute_id", "key", "pk")
    return {(attribute_id, key): pk for attribute_id, key, pk in rows}


def _value(
    attribute_id: int,
    value: object,
    choices: dict[tuple[int, str], int],
    owner: dict[str, int],
) -> AttributeValue:
    row = AttributeValue(attribute_id=attribute_id, **owner)
    match value:
        case ChoiceValue(key=key):
            row.choice_id = choices[attribute_id, key]
        case bool():
            row.boolean = value
        case Decimal():
            row.number = value
        case datetime():
            row.moment = value
        case _:
            row.text = str(value)
    return row
