"""The answer to ``mode=info``: what 1C's settings offer for the mapping of orders.

No published schema knows it; the names are those of the site module of 1C-Bitrix, on which the
exchange modules of 1C rely.
"""

from collections.abc import Iterable

from .markup import element
from .writer import Encoding

#: Both spellings are in use: Bitrix's own begins with a Latin letter.
_STATUSES = ("C" + "татусы", "Статусы")


def reference_lists(
    statuses: Iterable[tuple[str, str]],
    payment_methods: Iterable[tuple[str, str]],
    delivery_services: Iterable[tuple[str, str]],
    *,
    encoding: Encoding,
) -> bytes:
    """Write the lists, each of ids and names.

    An id is what 1C sends back for the chosen entry, e.g. as "Статуса заказа ИД".
    """
    entries = _entries(statuses)
    inside = "".join(f"<{name}>{entries}</{name}>\n" for name in _STATUSES)
    for name, pairs in (
        ("ПлатежныеСистемы", payment_methods),
        ("СлужбыДоставки", delivery_services),
    ):
        inside += f"<{name}>{_entries(pairs)}</{name}>\n"
    text = f'<?xml version="1.0" encoding="{encoding}"?>\n<Справочник>\n{inside}</Справочник>\n'
    return text.encode(encoding, "xmlcharrefreplace")


def _entries(pairs: Iterable[tuple[str, str]]) -> str:
    return "".join(
        f"<Элемент>{element('Ид', own)}{element('Название', name)}</Элемент>" for own, name in pairs
    )
