"""The schema as text: for people and their tools, and for a gateway.

graphql-core's own printer of this version leaves descriptions out, and knows no directive of a
federation.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from graphql import (
    GraphQLEnumType,
    GraphQLObjectType,
    GraphQLScalarType,
    GraphQLSchema,
    GraphQLUnionType,
)

#: Type → fields by which a gateway asks for one of it, or hands it over to its owner.
KEYS = {
    "Reservation": "id",
    "Checkout": "id",
    "CheckoutLine": "id",
    # Saleor's key: prices and availability of goods are a channel's.
    "ProductVariant": "id channel",
}
#: Types of those that are Saleor's.
EXTENDED = frozenset({"Checkout", "CheckoutLine", "ProductVariant"})
_BUILT_IN = frozenset({"Boolean", "Float", "ID", "Int", "String"})
#: Longest description that stays on the line of its quotes.
_SHORT = 80


def print_schema(schema: GraphQLSchema) -> str:
    """All that can be asked, types by their names."""
    return _printed(schema, federated=False)


def print_subgraph(schema: GraphQLSchema) -> str:
    """The same for a gateway: with keys and extensions, without what only gateways ask for."""
    return _printed(schema, federated=True)


def _printed(schema: GraphQLSchema, *, federated: bool) -> str:
    # Introspection's types begin with two underscores, a federation's with one.
    hidden = "_" if federated else "__"
    types = [
        type_
        for name, type_ in sorted(schema.get_type_map().items())
        if not name.startswith(hidden) and name not in _BUILT_IN
    ]
    return "\n\n".join(_type(type_, federated) for type_ in types) + "\n"


def _type(type_: Any, federated: bool) -> str:
    name = type_.name
    match type_:
        case GraphQLScalarType():
            return f"{_description(type_)}scalar {name}"
        case GraphQLUnionType():
            members = " | ".join(member.name for member in type_.types)
            return f"{_description(type_)}union {name} = {members}"
        case GraphQLEnumType():
            values = (f"{_description(value, 2)}  {value.name}" for value in type_.values)
            return f"{_description(type_)}enum {name}{_block(values)}"
        case GraphQLObjectType():
            return _object(type_, federated)
    raise TypeError(f"Nothing prints {name} of {type(type_).__name__}")


def _object(type_: Any, federated: bool) -> str:
    key = KEYS.get(type_.name, "") if federated else ""
    is_extended = bool(key) and type_.name in EXTENDED
    fields = (
        f"{_description(field, 2)}  {name}{_arguments(field.args)}: {field.type}"
        + (" @external" if is_extended and name in key.split() else "")
        for name, field in type_.fields.items()
        if not (federated and name.startswith("_"))
    )
    # An extension is described by whoever owns the type.
    head = "extend " if is_extended else _description(type_)
    keys = f' @key(fields: "{key}")' if key else ""
    return f"{head}type {type_.name}{keys}{_block(fields)}"


def _arguments(arguments: Mapping[str, Any]) -> str:
    if not arguments:
        return ""
    if not any(argument.description for argument in arguments.values()):
        return "(" + ", ".join(f"{name}: {arg.type}" for name, arg in arguments.items()) + ")"
    lines = (f"{_description(arg, 4)}    {name}: {arg.type}" for name, arg in arguments.items())
    return "(\n" + "\n\n".join(lines) + "\n  )"


def _block(lines: Iterable[str]) -> str:
    parts = list(lines)
    # Descriptions want air around them.
    between = "\n\n" if any("\n" in part for part in parts) else "\n"
    return " {\n" + between.join(parts) + "\n}"


def _description(described: Any, indent: int = 0) -> str:
    text = (described.description or "").strip()
    if not text:
        return ""
    margin = " " * indent
    if "\n" in text or len(text) > _SHORT:
        text = "\n".join(["", *(margin + line.strip() for line in text.splitlines()), margin])
    return f'{margin}"""{text}"""\n'
