"""Rows into PostgreSQL a batch at a time, by COPY: the cheapest way in for both sides.

What a batch changes in rows that are there goes through a temporary table, which any later
statement of the same transaction can join. Nothing here commits.
"""

import json
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from hashlib import blake2b
from typing import Any

from django.db import connection
from django.db.models import Field, JSONField, Model
from django.db.models.expressions import Expression

Row = Sequence[object]


def new_ids(model: type[Model], count: int) -> list[int]:
    """Primary keys for rows that :func:`insert` is going to make."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT nextval(pg_get_serial_sequence(%s, %s)) FROM generate_series(1, %s)",
            [model._meta.db_table, _primary_key(model).column, count],
        )
        return [row[0] for row in cursor.fetchall()]


def insert(model: type[Model], names: Sequence[str], rows: Iterable[Row]) -> None:
    """Insert rows of `model`.

    Parameters
    ----------
    names
        Fields (``attname``) whose values are given; any other field takes the model's default.
    rows
        Values in the order of `names`, ready for the database: JSON as text.
    """
    given = [_field(model, name).column for name in names]
    defaults = [(column, value) for column, value in _defaults(model) if column not in given]
    constants = tuple(value for _, value in defaults)
    columns = (*given, *(column for column, _ in defaults))
    _copy(model._meta.db_table, columns, ((*row, *constants) for row in rows))


def update(model: type[Model], names: Sequence[str], rows: Sequence[Row]) -> None:
    """Update rows of `model`: each row is its primary key and the values of `names`."""
    if not rows:
        return
    key = _primary_key(model).column
    columns = [_field(model, name).column for name in names]
    changes = ", ".join(f'"{column}" = s."{column}"' for column in columns)
    with staged(model, (key, *columns), rows) as stage, connection.cursor() as cursor:
        cursor.execute(
            f'UPDATE "{model._meta.db_table}" AS t SET {changes} '  # noqa: S608
            f'FROM "{stage}" AS s WHERE t."{key}" = s."{key}"'
        )


@contextmanager
def staged(model: type[Model], columns: Sequence[str], rows: Iterable[Row]) -> Iterator[str]:
    """A temporary table with these columns of `model` and these rows; yields its name.

    It stays, empty, with the connection: making and dropping one with every batch would bloat
    the system's catalogue. Its name tells its columns, since a pooled connection may outlive a
    migration that changes them.
    """
    table = model._meta.db_table
    listed = ", ".join(f'"{column}"' for column in columns)
    types = repr([_field_of_column(model, column).db_type(connection) for column in columns])
    name = f"onec_{blake2b(f'{table} {listed} {types}'.encode(), digest_size=8).hexdigest()}"
    with connection.cursor() as cursor:
        cursor.execute(
            f'CREATE TEMPORARY TABLE IF NOT EXISTS "{name}" ON COMMIT DELETE ROWS '
            f'AS SELECT {listed} FROM "{table}" WITH NO DATA'
        )
        _copy(name, columns, rows)
        yield name
        cursor.execute(f'DELETE FROM "{name}"')  # noqa: S608


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


def _field_of_column(model: type[Model], column: str) -> "Field[Any, Any]":
    return next(field for field in model._meta.concrete_fields if field.column == column)


def _primary_key(model: type[Model]) -> "Field[Any, Any]":
    key = model._meta.pk
    assert key is not None  # noqa: S101 - every model has one
    return key


@cache
def _defaults(model: type[Model]) -> tuple[tuple[str, object], ...]:
    """Columns that no caller names, with what the model would write into them.

    Newer versions of a model may have fields that the caller knows nothing about.
    """
    defaults: list[tuple[str, object]] = []
    for field in model._meta.concrete_fields:
        value = field.get_default()
        if field.primary_key or isinstance(value, Expression):
            continue  # the database's own default
        if isinstance(field, JSONField):
            # Prepared, it would come wrapped for the driver's parameters; COPY takes the text.
            defaults.append((field.column, None if value is None else json.dumps(value)))
        else:
            defaults.append((field.column, field.get_db_prep_save(value, connection)))
    return tuple(defaults)
