"""Attribute values on products and variants, a whole batch at a time.

The forms of the values are Saleor's own (its attribute assignment handlers): shared values for
choices and booleans, one value of its own for each object otherwise.
"""

from collections.abc import Collection, Iterable, Sequence
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

from .. import bulk
from ..ports import Assignment, ChoiceValue, InputType
from .classifier import ensure_choices

_SHARED = (InputType.CHOICE, InputType.MULTICHOICE, InputType.BOOLEAN)
#: An object and an attribute, by primary key.
_Place = tuple[int, int]


def assign_to_products(
    rows: Sequence[tuple[int, Sequence[Assignment]]], new: Collection[int]
) -> None:
    """Set the attributes named in `rows` (product's pk, assignments); others stay.

    Products in `new` have just been made and have no values yet.
    """
    values = _values(rows, new, "{}_{}")
    wanted = {
        (pk, value_id): order
        for (pk, _), ids in values.items()
        for order, value_id in enumerate(ids)
    }
    there = AssignedProductAttributeValue.objects.filter(
        product_id__in=[pk for pk, _ in rows if pk not in new]
    ).values_list("pk", "product_id", "value_id", "value__attribute_id")
    stale = []
    for row_id, pk, value_id, attribute_id in there:
        if wanted.pop((pk, value_id), None) is None and (pk, attribute_id) in values:
            stale.append(row_id)
    if stale:
        AssignedProductAttributeValue.objects.filter(pk__in=stale).delete()
    bulk.insert(
        AssignedProductAttributeValue,
        ("product_id", "value_id", "sort_order"),
        ((pk, value_id, order) for (pk, value_id), order in wanted.items()),
    )


def assign_to_variants(
    rows: Sequence[tuple[int, int, Sequence[Assignment]]], new: Collection[int]
) -> None:
    """The same for variants; a row is variant's pk, its product type's pk, assignments."""
    # Saleor itself gives a variant's value the same slug as that of a product with its number:
    # where both have the attribute, they would share the value.
    own = [(pk, assignments) for pk, _, assignments in rows]
    values = _values(own, new, "{}_{}_variant")
    if not values:
        return
    types = {pk: type_id for pk, type_id, _ in rows}
    bindings: dict[_Place, int] = {
        (type_id, attribute_id): pk
        for pk, type_id, attribute_id in AttributeVariant.objects.filter(
            product_type_id__in=set(types.values())
        ).values_list("pk", "product_type_id", "attribute_id")
    }
    assigned = _assigned(
        {
            place: bindings[types[place[0]], place[1]]
            for place in values
            if (types[place[0]], place[1]) in bindings
        },
        new,
    )
    wanted = {
        (assigned[place], value_id): (place[0], order)
        for place, ids in values.items()
        if place in assigned
        for order, value_id in enumerate(ids)
    }
    there = AssignedVariantAttributeValue.objects.filter(
        assignment_id__in=[row for (pk, _), row in assigned.items() if pk not in new]
    ).values_list("pk", "assignment_id", "value_id")
    stale = [
        row_id
        for row_id, assignment_id, value_id in there
        if wanted.pop((assignment_id, value_id), None) is None
    ]
    if stale:
        AssignedVariantAttributeValue.objects.filter(pk__in=stale).delete()
    bulk.insert(
        AssignedVariantAttributeValue,
        ("assignment_id", "value_id", "variant_id", "sort_order"),
        (
            (assignment_id, value_id, pk, order)
            for (assignment_id, value_id), (pk, order) in wanted.items()
        ),
    )


def _assigned(bound: dict[_Place, int], new: Collection[int]) -> dict[_Place, int]:
    """Rows that give variants their attributes, made where they are not there.

    `bound` has the binding of the attribute to the variant's product type.
    """
    by_binding: dict[_Place, _Place] = {(place[0], row): place for place, row in bound.items()}
    found = {
        by_binding[variant_id, binding]: pk
        for pk, variant_id, binding in AssignedVariantAttribute.objects.filter(
            variant_id__in={pk for pk, _ in bound if pk not in new}
        ).values_list("pk", "variant_id", "assignment_id")
        if (variant_id, binding) in by_binding
    }
    missing = [place for place in bound if place not in found]
    ids = bulk.new_ids(AssignedVariantAttribute, len(missing))
    bulk.insert(
        AssignedVariantAttribute,
        ("id", "variant_id", "assignment_id"),
        ((pk, place[0], bound[place]) for pk, place in zip(ids, missing, strict=True)),
    )
    return found | dict(zip(missing, ids, strict=True))


def _values(
    rows: Sequence[tuple[int, Sequence[Assignment]]], new: Collection[int], slug: str
) -> dict[_Place, list[int]]:
    """Ids of the values by object and attribute, made where they are not there."""
    attributes = Attribute.objects.in_bulk(
        {int(item.attribute_id) for _, items in rows for item in items}
    )
    choices: dict[tuple[int, str], tuple[Attribute, ChoiceValue]] = {}
    booleans: set[tuple[int, bool]] = set()
    own: dict[_Place, object] = {}
    for pk, items in rows:
        for item in items:
            attribute_id = int(item.attribute_id)
            if item.input_type not in _SHARED:
                if item.values:
                    own[pk, attribute_id] = item.values[0]
                continue
            for value in item.values:
                if isinstance(value, ChoiceValue):
                    choices[attribute_id, value.key] = (attributes[attribute_id], value)
                else:
                    booleans.add((attribute_id, bool(value)))
    chosen = ensure_choices(choices)
    switches = _booleans(booleans, attributes)
    own_ids = _own(own, new, slug)
    result: dict[_Place, list[int]] = {}
    for pk, items in rows:
        for item in items:
            attribute_id = int(item.attribute_id)
            place = (pk, attribute_id)
            if place in own_ids:
                result[place] = [own_ids[place]]
                continue
            # Two choices of 1C's may be one value here.
            result[place] = list(
                dict.fromkeys(
                    chosen[attribute_id, value.key]
                    if isinstance(value, ChoiceValue)
                    else switches[attribute_id, bool(value)]
                    for value in item.values
                )
            )
    return result


def _booleans(
    wanted: Iterable[tuple[int, bool]], attributes: dict[int, Any]
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


def _own(wanted: dict[_Place, object], new: Collection[int], slug: str) -> dict[_Place, int]:
    """Values that belong to one object alone, known by their slug (of object and attribute)."""
    names = ("name", "numeric", "date_time", "plain_text")
    by_slug = {slug.format(*place): place for place in wanted}
    old = [text for text, (pk, _) in by_slug.items() if pk not in new]
    found = {
        by_slug[text]: pk
        for pk, text, attribute_id in AttributeValue.objects.filter(slug__in=old).values_list(
            "pk", "slug", "attribute_id"
        )
        if by_slug[text][1] == attribute_id
    }
    bulk.update(
        AttributeValue, names, [(pk, *_columns(wanted[place])) for place, pk in found.items()]
    )
    missing = [place for place in wanted if place not in found]
    ids = bulk.new_ids(AttributeValue, len(missing))
    bulk.insert(
        AttributeValue,
        ("id", "attribute_id", "slug", *names),
        (
            (pk, place[1], slug.format(*place), *_columns(wanted[place]))
            for pk, place in zip(ids, missing, strict=True)
        ),
    )
    return found | dict(zip(missing, ids, strict=True))


def _columns(value: object) -> tuple[str, float | None, datetime | None, str | None]:
    """Name, number, moment and text of a value."""
    if isinstance(value, Decimal):
        return str(value), float(value), None, None
    if isinstance(value, datetime):
        return str(value), None, value, None
    text = str(value)
    return text[:200], None, None, text
