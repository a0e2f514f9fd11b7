"""Words of the journal for people."""

from django import template
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

register = template.Library()

#: What 1C's objects are called; the keys are those of ``commerceml.model.ItemKind``.
_KINDS = {
    "group": gettext_noop("Groups"),
    "category": gettext_noop("Kinds of goods"),
    "property": gettext_noop("Properties"),
    "price_type": gettext_noop("Price types"),
    "warehouse": gettext_noop("Warehouses"),
    "unit": gettext_noop("Units"),
    "product": gettext_noop("Goods"),
    "offer": gettext_noop("Offers"),
    "document": gettext_noop("Documents"),
    "counterparty": gettext_noop("Counterparties"),
}


@register.filter
def kind_name(kind: str) -> str:
    """Name of a kind of objects; one that has none stays as it is."""
    return _(_KINDS[kind]) if kind in _KINDS else kind
