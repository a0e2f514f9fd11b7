"""Rows into PostgreSQL a batch at a time, by COPY: the cheapest way in for both sides.

What a batch changes in rows that are there goes through a temporary table, which any later
statement of the same transaction can join. Nothing here commits.
"""

import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from hashlib import blake2b
from typing import Any

from django.db import connection
from django.db.models import Field, JSONField, Model
from django.db.models.expressions import Expression, RawSQL

Row = Sequence[object]


def find_by_index() -> None:
    """Let the statements of this transaction find the rows of a batch by their indexes.

    PostgreSQL reckons with a slow disk: for a thousand rows it would rather read the whole of a
    table that is in memory, again and again with every batch.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SET LOCAL enable_hashjoin = off; SET LOCAL enable_mergejoin = off; SET LOCAL jit = off"
        )


def new_ids(model: type[Model], count: int) -> list[int]:
    """Primary keys for rows that :func:`insert` is going to make."""
    if not count:
        return []
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT nextval(pg_get_serial_sequence(%s, %s)) FROM generate_series(1, %s)",
            [model._meta.db_table, column(_primary_key(model)), count],
        )
        return [row[0] for row in cursor.fetchall()]


def absent(model: type[Model], ids: Collection[str]) -> set[str]:
    """Those of the primary keys that no row has."""
    if not ids:
        return set()
    table, key = model._meta.db_table, column(_primary_key(model))
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id FROM unnest(%s::bigint[]) AS wanted(id) "  # noqa: S608
            f'WHERE NOT EXISTS (SELECT FROM "{table}" t WHERE t."{key}" = wanted.id)',
            ["{" + ",".join(ids) + "}"],
        )
        return {str(row[0]) for row in cursor.fetchall()}


def any_of(values: Iterable[int | str], kind: str) -> RawSQL:
    """What follows ``__in`` to ask for many rows with one parameter instead of thousands.

    Parameters
    ----------
    kind
        PostgreSQL's name of the values' type.
    """
    given: str | list[int | str] = list(values)
    if kind != "text":
        # Numbers and UUIDs need no quotes, which psycopg would look for item by item.
        given = "{" + ",".join(map(str, given)) + "}"
    return RawSQL(f"SELECT unnest(%s::{kind}[])", [given])  # noqa: S611


def insert(model: type[Model], names: Sequence[str], rows: Iterable[Row]) -> None:
    """Insert rows of `model`.

    Parameters
    ----------
    names
        Fields (``attname``) whose values are given; any other field takes the model's default.
    rows
        Values in the order of `names`, ready for the database: JSON as text.
    """
    rows = list(rows)
    if not rows:
        return
    given = [column(_field(model, name)) for name in names]
    rest = defaults(model, given)
    constants = tuple(rest.values())
    _copy(model._meta.db_table, (*given, *rest), ((*row, *constants) for row in rows))


def update(model: type[Model], names: Sequence[str], rows: Sequence[Row]) -> None:
    """Update rows of `model`: each row is its primary key and the values of `names`."""
    if not rows:
        return
    table, key = model._meta.db_table, column(_primary_key(model))
    changes = ", ".join(
        f'"{name}" = s."{name}"' for name in (column(_field(model, name)) for name in names)
    )
    with staged(types(model, ("pk", *names)), rows) as stage, connection.cursor() as cursor:
        cursor.execute(
            f'UPDATE "{table}" AS t SET {changes} FROM "{stage}" AS s '  # noqa: S608
            f'WHERE t."{key}" = s."{key}"'
        )


def types(model: type[Model], names: Sequence[str]) -> dict[str, str]:
    """Columns of these fields with their types, as :func:`staged` wants them."""
    fields = [_primary_key(model) if name == "pk" else _field(model, name) for name in names]
    return {column(field): field.cast_db_type(connection) or "text" for field in fields}


@contextmanager
def staged(columns: Mapping[str, str], rows: Iterable[Row]) -> Iterator[str]:
    """A temporary table with these columns (name → SQL type) and rows; yields its name.

    It stays, empty, with the connection: making and dropping one with every batch would bloat
    the system's catalogue. Its name tells its columns, since a pooled connection may outlive a
    migration that changes them.
    """
    defined = ", ".join(f'"{name}" {sql_type}' for name, sql_type in columns.items())
    table = f"onec_{blake2b(defined.encode(), digest_size=8).hexdigest()}"
    with connection.cursor() as cursor:
        cursor.execute(
            f'CREATE TEMPORARY TABLE IF NOT EXISTS "{table}" ({defined}) ON COMMIT DELETE ROWS'
        )
        _copy(table, list(columns), rows)
        yield table
        cursor.execute(f'DELETE FROM "{table}"')  # noqa: S608


def defaults(model: type[Model], given: Collection[str]) -> dict[str, Any]:
    """Columns of `model` that are not `given`, with what the model would write into them."""
    return {name: value for name, value in _defaults(model) if name not in given}


def column(field: "Field[Any, Any]") -> str:
    """Name of the field's column."""
    assert field.column is not None  # noqa: S101 - concrete fields have one
    return field.column


def _copy(table: str, columns: Sequence[str], rows: Iterable[Row]) -> None:
    listed = ", ".join(f'"{column}"' for column in columns)
    with (
        connection.cursor() as cursor,
        # The cursor is the driver's own here: its errors become Django's.
        connection.wrap_database_errors,
        cursor.copy(f'COPY "{table}" ({listed}) FROM STDIN') as copy,
    ):
        for row in rows:
            copy.write_row(row)


def _field(model: type[Model], name: str) -> "Field[Any, Any]":
    return next(field for field in model._meta.concrete_fields if field.attname == name)


def _primary_key(model: type[Model]) -> "Field[Any, Any]":
    key = model._meta.pk
    assert key is not None  # noqa: S101 - every model has one
    return key


@cache
def _defaults(model: type[Model]) -> tuple[tuple[str, object], ...]:
    """Columns that no caller names, with what the model would write into them.

    Newer versions of a model may have fields that the caller knows nothing about.
    """
    found: list[tuple[str, object]] = []
    for field in model._meta.concrete_fields:
        value = field.get_default()
        if field.primary_key or isinstance(value, Expression):
            continue  # the database's own default
        if isinstance(field, JSONField):
            # Prepared, it would come wrapped for the driver's parameters; COPY takes the text.
            found.append((column(field), None if value is None else json.dumps(value)))
        else:
            found.append((column(field), field.get_db_prep_save(value, connection)))
    return tuple(found)
