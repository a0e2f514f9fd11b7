"""Attribute values on products and variants, a whole batch at a time.

The forms of the values are Saleor's own (its attribute assignment handlers): shared values for
choices and booleans, one value of its own for each object otherwise.
"""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from saleor.attribute.models import (
    AssignedProductAttributeValue,
    AssignedVariantAttribute,
    AssignedVariantAttributeValue,
    Attribute,
    AttributeValue,
    AttributeVariant,
)

from ..ports import Assignment, ChoiceValue, InputType
from .classifier import ensure_choices

_SHARED = (InputType.CHOICE, InputType.MULTICHOICE, InputType.BOOLEAN)


def assign_to_products(rows: Sequence[tuple[int, Sequence[Assignment]]]) -> None:
    """Set the attributes named in `rows` (product's pk, assignments); others stay."""
    values = _values(rows)
    wanted = {
        (pk, value_id): order
        for (pk, _), ids in values.items()
        for order, value_id in enumerate(ids)
    }
    known = set()
    stale = []
    for row_id, pk, value_id, attribute_id in AssignedProductAttributeValue.objects.filter(
        product_id__in=[pk for pk, _ in rows]
    ).values_list("pk", "product_id", "value_id", "value__attribute_id"):
        if (pk, value_id) in wanted:
            known.add((pk, value_id))
        elif (pk, attribute_id) in values:
            stale.append(row_id)
    AssignedProductAttributeValue.objects.filter(pk__in=stale).delete()
    AssignedProductAttributeValue.objects.bulk_create(
        [
            AssignedProductAttributeValue(product_id=pk, value_id=value_id, sort_order=order)
            for (pk, value_id), order in wanted.items()
            if (pk, value_id) not in known
        ]
    )


def assign_to_variants(rows: Sequence[tuple[int, int, Sequence[Assignment]]]) -> None:
    """The same for variants; a row is variant's pk, its product type's pk, assignments."""
    values = _values([(pk, assignments) for pk, _, assignments in rows])
    if not values:
        return
    types = {pk: type_id for pk, type_id, _ in rows}
    bindings = {
        (row.product_type_id, row.attribute_id): row.pk
        for row in AttributeVariant.objects.filter(product_type_id__in=set(types.values()))
    }
    pairs = {
        (pk, attribute_id): bindings[types[pk], attribute_id]
        for pk, attribute_id in values
        if (types[pk], attribute_id) in bindings
    }
    AssignedVariantAttribute.objects.bulk_create(
        [
            AssignedVariantAttribute(variant_id=pk, assignment_id=binding)
            for (pk, _), binding in pairs.items()
        ],
        ignore_conflicts=True,
    )
    assigned = {
        (row.variant_id, row.assignment_id): row.pk
        for row in AssignedVariantAttribute.objects.filter(variant_id__in=types)
    }
    wanted = {
        (assigned[pk, binding], value_id): (pk, order)
        for (pk, attribute_id), binding in pairs.items()
        for order, value_id in enumerate(values[pk, attribute_id])
    }
    touched = {assigned[pk, binding] for (pk, _), binding in pairs.items()}
    rows_there = AssignedVariantAttributeValue.objects.filter(assignment_id__in=touched)
    known, stale = set(), []
    for row_id, assignment_id, value_id in rows_there.values_list(
        "pk", "assignment_id", "value_id"
    ):
        if (assignment_id, value_id) in wanted:
            known.add((assignment_id, value_id))
        else:
            stale.append(row_id)
    AssignedVariantAttributeValue.objects.filter(pk__in=stale).delete()
    AssignedVariantAttributeValue.objects.bulk_create(
        [
            AssignedVariantAttributeValue(
                assignment_id=assignment_id, value_id=value_id, variant_id=pk, sort_order=order
            )
            for (assignment_id, value_id), (pk, order) in wanted.items()
            if (assignment_id, value_id) not in known
        ]
    )


def _values(
    rows: Sequence[tuple[int, Sequence[Assignment]]],
) -> dict[tuple[int, int], list[int]]:
    """Ids of the values by object and attribute, made where they are not there."""
    attributes = Attribute.objects.in_bulk(
        {int(item.attribute_id) for _, items in rows for item in items}
    )
    chosen = ensure_choices(
        [
            (attributes[int(item.attribute_id)], value)
            for _, items in rows
            for item in items
            for value in item.values
            if isinstance(value, ChoiceValue)
        ]
    )
    booleans = _booleans(
        {
            (int(item.attribute_id), bool(value))
            for _, items in rows
            for item in items
            if item.input_type is InputType.BOOLEAN
            for value in item.values
        },
        attributes,
    )
    own = [
        _own(pk, item, item.values[0])
        for pk, items in rows
        for item in items
        if item.values and item.input_type not in _SHARED
    ]
    if own:
        AttributeValue.objects.bulk_create(
            own,
            update_conflicts=True,
            unique_fields=["slug", "attribute"],
            update_fields=["name", "plain_text", "numeric", "date_time"],
        )
    own_ids = {(value.slug, value.attribute_id): value.pk for value in own}
    result: dict[tuple[int, int], list[int]] = {}
    for pk, items in rows:
        for item in items:
            attribute_id = int(item.attribute_id)
            ids: list[int] = []
            for value in item.values:
                if isinstance(value, ChoiceValue):
                    ids.append(chosen[attribute_id, value.key])
                elif item.input_type is InputType.BOOLEAN:
                    ids.append(booleans[attribute_id, bool(value)])
                else:
                    ids.append(own_ids[f"{pk}_{attribute_id}", attribute_id])
            result[pk, attribute_id] = list(dict.fromkeys(ids))
    return result


def _booleans(
    wanted: set[tuple[int, bool]], attributes: dict[int, Any]
) -> dict[tuple[int, bool], int]:
    found = {}
    for attribute_id, flag in sorted(wanted):
        value, _ = AttributeValue.objects.get_or_create(
            attribute_id=attribute_id,
            slug=f"{attribute_id}_{str(flag).lower()}",
            defaults={
                "name": f"{attributes[attribute_id].name}: {'Yes' if flag else 'No'}",
                "boolean": flag,
            },
        )
        found[attribute_id, flag] = value.pk
    return found


def _own(pk: int, item: Assignment, value: object) -> AttributeValue:
    attribute_id = int(item.attribute_id)
    row = AttributeValue(attribute_id=attribute_id, slug=f"{pk}_{attribute_id}")
    if isinstance(value, Decimal):
        row.name, row.numeric = str(value), float(value)
    elif isinstance(value, datetime):
        row.name, row.date_time = str(value), value
    else:
        row.name, row.plain_text = str(value)[:200], str(value)
    return row
