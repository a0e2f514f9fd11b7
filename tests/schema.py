"""Writes the storefront's schemas into the package, as text: ``make schema``."""

import os
from importlib import import_module
from pathlib import Path

import django

PACKAGE = Path(__file__).parents[1] / "saleor_1c_plugin"
#: Rooms that have one.
ROOMS = ("reservations", "messaging/push")


def path_of(room: str) -> Path:
    return PACKAGE / room / "graphql" / "schema.graphql"


def text_of(room: str) -> str:
    """A room's schema as its code has it."""
    from saleor_1c_plugin.reservations.graphql.printing import print_schema

    module = import_module(f"saleor_1c_plugin.{room.replace('/', '.')}.graphql.schema")
    return print_schema(module.schema)


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "saleor_1c_plugin.sandbox.settings")
    django.setup()
    for room in ROOMS:
        path_of(room).write_text(text_of(room), encoding="utf-8")
        print(path_of(room))


if __name__ == "__main__":
    main()
