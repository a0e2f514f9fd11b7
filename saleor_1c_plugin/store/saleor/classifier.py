"""Product types, tax classes, categories and attributes: few, so that loops are fine."""

import os
from collections.abc import Mapping, Sequence
from decimal import Decimal

from saleor.attribute import AttributeInputType, AttributeType
from saleor.attribute.models import Attribute, AttributeProduct, AttributeValue, AttributeVariant
from saleor.product import ProductTypeKind
from saleor.product.models import Category, ProductType
from saleor.tax.models import TaxClass, TaxClassCountryRate

from ..ports import AttributeWrite, CategoryWrite, ChoiceValue, InputType, Written
from .text import base_slug, editorjs, plain, slugs

#: Private metadata that marks what is ours.
KEY = "onec.key"

INPUT_TYPES = {
    InputType.CHOICE: AttributeInputType.DROPDOWN,
    InputType.MULTICHOICE: AttributeInputType.MULTISELECT,
    InputType.TEXT: AttributeInputType.PLAIN_TEXT,
    InputType.NUMBER: AttributeInputType.NUMERIC,
    InputType.BOOLEAN: AttributeInputType.BOOLEAN,
    InputType.DATE: AttributeInputType.DATE,
    InputType.MOMENT: AttributeInputType.DATE_TIME,
}
#: Saleor lets no others be filtered by.
_FILTERABLE = set(INPUT_TYPES) - {InputType.TEXT}


def product_type(key: str, name: str) -> str:
    known = ProductType.objects.filter(private_metadata__contains={KEY: key}).first()
    if known is None:
        # One that is there under this name is the one that the merchant means.
        known = ProductType.objects.filter(name__iexact=name, kind=ProductTypeKind.NORMAL).first()
        if known is not None:
            known.private_metadata[KEY] = key
            known.save(update_fields=["private_metadata"])
    if known is None:
        known = ProductType.objects.create(
            name=name[:250],
            slug=_free_slug(ProductType, key, name),
            kind=ProductTypeKind.NORMAL,
            has_variants=True,
            private_metadata={KEY: key},
        )
    return str(known.pk)


def tax_class(key: str, name: str, percent: Decimal | None) -> str:
    known = TaxClass.objects.filter(private_metadata__contains={KEY: key}).first()
    if known is None:
        known = TaxClass.objects.create(name=name[:255], private_metadata={KEY: key})
        TaxClassCountryRate.objects.create(
            tax_class=known,
            country=os.environ.get("ONEC_TAX_COUNTRY", "RU"),
            rate=percent or Decimal(0),
        )
    return str(known.pk)


def write_categories(writes: Sequence[CategoryWrite]) -> Written:
    written = Written()
    for write in writes:
        category = (
            Category.objects.filter(pk=write.store_id).first() if write.store_id else None
        ) or Category.objects.filter(private_metadata__contains={KEY: write.key}).first()
        parent = Category.objects.get(pk=write.parent_id) if write.parent_id else None
        if category is None:
            category = Category(
                slug=_free_slug(Category, write.key, write.name),
                private_metadata={KEY: write.key},
            )
        category.name = write.name[:250]
        category.parent = parent
        if write.description:
            category.description = editorjs(write.description, is_html=False)
            category.description_plaintext = plain(write.description, is_html=False)
        category.save()
        written.ids.append(str(category.pk))
    return written


def write_attributes(writes: Sequence[AttributeWrite]) -> Written:
    written = Written()
    for write in writes:
        attribute = (
            Attribute.objects.filter(pk=write.store_id).first() if write.store_id else None
        ) or Attribute.objects.filter(external_reference=write.key).first()
        if attribute is None:
            attribute = Attribute(
                external_reference=write.key,
                slug=_free_slug(Attribute, write.key, write.name),
                type=AttributeType.PRODUCT_TYPE,
                input_type=INPUT_TYPES[write.input_type],
                filterable_in_storefront=write.input_type in _FILTERABLE,
                filterable_in_dashboard=write.input_type in _FILTERABLE,
            )
        elif (attribute.input_type, write.input_type) == (
            AttributeInputType.DROPDOWN,
            InputType.MULTICHOICE,
        ):
            # The values stay the same rows; a variant can't be chosen by several of them.
            attribute.input_type = AttributeInputType.MULTISELECT
            AttributeVariant.objects.filter(attribute=attribute).update(variant_selection=False)
        attribute.name = write.name[:255]
        attribute.save()
        ensure_choices(
            {(attribute.pk, choice.key): (attribute, choice) for choice in write.choices}
        )
        written.ids.append(str(attribute.pk))
    return written


def ensure_choices(
    wanted: Mapping[tuple[int, str], tuple[Attribute, ChoiceValue]],
) -> dict[tuple[int, str], int]:
    """Values of choice attributes by attribute and key; made or renamed as needed.

    A value is known by its reference (unique in Saleor, so it bears the attribute's key too),
    else by its name: an editor may have made it.
    """
    if not wanted:
        return {}
    references = {
        place: f"{attribute.external_reference}/{choice.key}"[:250]
        for place, (attribute, choice) in wanted.items()
    }
    names = {place: choice.name[:250] or choice.key[:250] for place, (_, choice) in wanted.items()}
    attributes = {attribute_id for attribute_id, _ in wanted}
    by_reference = {
        value.external_reference: value
        for value in AttributeValue.objects.filter(external_reference__in=references.values())
    }
    by_name = {
        (value.attribute_id, value.name): value
        for value in AttributeValue.objects.filter(
            attribute_id__in=attributes, name__in=names.values()
        )
    }
    found: dict[tuple[int, str], AttributeValue] = {}
    new: list[AttributeValue] = []
    renamed: list[AttributeValue] = []
    for place, (attribute, _) in wanted.items():
        name = names[place]
        value = by_reference.get(references[place])
        if value is None:
            value = by_name.get((attribute.pk, name))
        elif value.name != name:
            value.name = name
            renamed.append(value)
        if value is None:
            value = AttributeValue(
                attribute=attribute, name=name, external_reference=references[place]
            )
            new.append(value)
            by_name[attribute.pk, name] = value
        found[place] = value
    AttributeValue.objects.bulk_update(renamed, ["name"])
    _give_slugs(new)
    AttributeValue.objects.bulk_create(new)
    return {place: value.pk for place, value in found.items()}


def _give_slugs(values: Sequence[AttributeValue]) -> None:
    """Slugs that no other value of the same attribute has."""
    rows = AttributeValue.objects.filter(
        attribute_id__in={value.attribute_id for value in values},
        slug__in={base_slug(value.name) for value in values},
    ).values_list("attribute_id", "slug")
    taken: dict[int, set[str]] = {}
    for attribute_id, slug in rows:
        taken.setdefault(attribute_id, set()).add(slug)
    for value in values:
        used = taken.setdefault(value.attribute_id, set())
        value.slug = slugs([(value.external_reference or "", value.name)], used)[0]
        used.add(value.slug)


def bind(
    product_type_id: str, product_attributes: Sequence[str], variant_attributes: Sequence[str]
) -> None:
    selectable = set(
        Attribute.objects.filter(
            pk__in=variant_attributes,
            input_type__in=(AttributeInputType.DROPDOWN, AttributeInputType.BOOLEAN),
        ).values_list("pk", flat=True)
    )
    AttributeProduct.objects.bulk_create(
        [
            AttributeProduct(product_type_id=product_type_id, attribute_id=attribute_id)
            for attribute_id in product_attributes
        ],
        ignore_conflicts=True,
    )
    AttributeVariant.objects.bulk_create(
        [
            AttributeVariant(
                product_type_id=product_type_id,
                attribute_id=attribute_id,
                variant_selection=int(attribute_id) in selectable,
            )
            for attribute_id in variant_attributes
        ],
        ignore_conflicts=True,
    )


def _free_slug(model: type, key: str, name: str) -> str:
    rows = model.objects.filter(slug__startswith=slugs([(key, name)])[0])  # type: ignore[attr-defined]
    return slugs([(key, name)], set(rows.values_list("slug", flat=True)))[0]
