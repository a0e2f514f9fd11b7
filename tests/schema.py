"""Writes the storefront's schema into the package, as text: ``make schema``."""

import os
from pathlib import Path

import django

PATH = Path(__file__).parents[1] / "saleor_1c_plugin/reservations/graphql/schema.graphql"


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "saleor_1c_plugin.sandbox.settings")
    django.setup()
    from saleor_1c_plugin.reservations.graphql.printing import print_schema
    from saleor_1c_plugin.reservations.graphql.schema import schema

    PATH.write_text(print_schema(schema), encoding="utf-8")
    print(PATH)


if __name__ == "__main__":
    main()
