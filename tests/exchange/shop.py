"""A running mini-shop that a test may look into, empty, and break."""

import hashlib
import json
import time
from collections import Counter
from collections.abc import Mapping
from io import BytesIO
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg import sql

from saleor_1c_plugin.onec.answers import Answer
from saleor_1c_plugin.onec.client import Client
from saleor_1c_plugin.onec.errors import Refused
from saleor_1c_plugin.sandbox.runner import Sandbox
from tests.storms import kill_pool, pool

ROOT = Path(__file__).parents[2]

Row = tuple[Any, ...]
#: Table → its rows, each with the number of times that it is there.
State = dict[str, Counter[str]]


class Shop(Sandbox):
    """The mini-shop in processes of its own: web server, worker, PostgreSQL, Valkey."""

    def rows(self, query: str, *values: object) -> list[Row]:
        """What the database answers, over a connection that nobody else uses."""
        with psycopg.connect(self.postgres.url("onec"), autocommit=True) as connection:
            cursor = connection.execute(query.encode(), values)
            return cursor.fetchall() if cursor.description else []

    def value(self, query: str, *values: object) -> Any:
        return self.rows(query, *values)[0][0]

    def clear(self) -> None:
        """Empty the shop, the register and the journal."""
        with psycopg.connect(self.postgres.url("onec"), autocommit=True) as connection:
            tables = connection.execute(
                "SELECT tablename FROM pg_tables "
                "WHERE schemaname = 'public' AND tablename LIKE 'onec\\_%'"
            ).fetchall()
            names = sql.SQL(", ").join(sql.Identifier(name) for (name,) in tables)
            while True:
                try:
                    connection.execute(
                        sql.SQL("TRUNCATE {} RESTART IDENTITY CASCADE").format(names)
                    )
                    return
                except psycopg.errors.DeadlockDetected:
                    # The regular work that a login began reads these tables in another order.
                    continue

    def client(self, **more: Any) -> "Talk":
        """1C, logged in."""
        talk = Talk(self, **more)
        talk.client.checkauth()
        return talk

    def check_refused(
        self, files: Mapping[str, bytes], reason: str, name: str = "import.xml"
    ) -> str:
        """Have `name` imported out of `files`, which must fail with `reason`, here and there.

        Nothing may be left in the middle of being done; the whole reason is returned.
        """
        talk = self.client()
        talk.send(files)
        with pytest.raises(Refused, match=reason) as caught:
            talk.client.import_file(name)
        told = caught.value.reason
        assert "Внутренняя ошибка" not in told
        journal = self.journal("error").splitlines()
        assert any(line and line in told for line in journal), (told, journal)
        assert not self.value(
            "SELECT count(*) FROM onec_exchange_importjob WHERE status <> 'failed'"
        )
        with pytest.raises(Refused, match="не полностью"):
            talk.client.complete()
        self.wait_for_follow_ups()
        self.check_register()
        return told

    def journal(self, level: str = "%") -> str:
        """All messages of the journal."""
        rows = self.rows(
            "SELECT message FROM onec_exchange_journalentry WHERE level LIKE %s ORDER BY id", level
        )
        return "\n".join(message for (message,) in rows)

    def pool(self) -> list[int]:
        """Pids of the worker's pool: those that do the tasks."""
        assert self.worker is not None
        return pool(self.worker)

    def kill_pool(self) -> None:
        """``kill -9`` of the processes that do the tasks; the worker's main one makes new ones."""
        assert self.worker is not None
        kill_pool(self.worker)

    def files(self, folder: str) -> Counter[str]:
        """SHA-256 of every file below a folder of the shop's, each as often as it is there."""
        return Counter(
            hashlib.sha256(path.read_bytes()).hexdigest()
            for path in (self.folder / folder).rglob("*")
            if path.is_file()
        )

    def lengths(self) -> dict[str, float]:
        """Seconds that the jobs so far took, by their file; the longest of each."""
        rows = self.rows(
            "SELECT file_name, max(extract(epoch FROM finished - started)) "
            "FROM onec_exchange_importjob GROUP BY 1"
        )
        return {name: float(seconds) for name, seconds in rows}

    def wait_for_follow_ups(self) -> None:
        """Wait until nothing is owed after a commit."""
        deadline = time.monotonic() + 30
        while self.value("SELECT count(*) FROM onec_catalog_pendingfollowup"):
            assert time.monotonic() < deadline, "follow-ups stay undone"
            time.sleep(0.05)

    def check_register(self) -> None:
        """Every row of the register leads to the shop's row of the same object."""
        for kind, table in (("product", "product"), ("offer", "variant"), ("group", "category")):
            astray = self.rows(
                f"SELECT r.onec_id FROM onec_catalog_registerentry r "
                f"LEFT JOIN onec_sandbox_{table} s ON s.id::text = r.store_id "
                "WHERE r.kind = %s AND (r.state = 'active' OR r.store_id IS NOT NULL) "
                "AND s.key IS DISTINCT FROM r.onec_id",
                kind,
            )
            assert not astray, (kind, astray)

    def state(self) -> State:
        """All that the shop and the register hold, with 1C's ids where rows refer to others."""
        with psycopg.connect(self.postgres.url("onec"), autocommit=True) as connection:
            return _state(connection)


class Talk:
    """One session of 1C's with `shop`, that keeps what was answered."""

    def __init__(self, shop: Sandbox, **more: Any) -> None:
        self.said: dict[str, str] = {}
        options = {"patience": 120, **more}
        self.client = Client(
            shop.exchange_url, shop.login, shop.password, listener=self._listen, **options
        )

    def send(self, files: Mapping[str, bytes], limit: int = 16 << 20) -> None:
        """Send files in parts of at most `limit` bytes."""
        for name, body in files.items():
            self.client.send_file(name, BytesIO(body), limit)

    def load(self, files: Mapping[str, bytes]) -> str:
        """Send files and have those with XML imported; the last answer."""
        self.send(files)
        message = ""
        for name in files:
            if name.endswith(".xml"):
                message = self.client.import_file(name).message
        return message

    def _listen(self, request: str, answer: Answer | None) -> None:
        if answer is not None:
            self.said[request] = answer.message


#: Columns that hold no fact: own ids, times, and what is made from the shop's ids.
_PASSING = {
    "onec_catalog_registerentry": {"last_seen", "store_id", "type_id"},
    "onec_catalog_pendingfollowup": {"created"},
    "onec_sandbox_media": {"image"},
}
_MADE_OF_IDS = ("hash_card", "hash_pictures", "hash_price", "hash_stock")


def _state(connection: psycopg.Connection[Any]) -> State:
    tables = [
        name
        for (name,) in connection.execute(
            "SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND "
            "(tablename LIKE 'onec\\_sandbox\\_%' OR tablename LIKE 'onec\\_catalog\\_%')"
        )
    ]
    references: dict[tuple[str, str], str] = {
        (table, column): target
        for table, column, target in connection.execute(
            "SELECT c.conrelid::regclass::text, a.attname, c.confrelid::regclass::text "
            "FROM pg_constraint c JOIN pg_attribute a "
            "ON a.attrelid = c.conrelid AND a.attnum = c.conkey[1] WHERE c.contype = 'f'"
        )
    }
    loaded: dict[str, dict[int, dict[str, Any]]] = {}
    for table in tables:
        cursor = connection.execute(sql.SQL("SELECT * FROM {}").format(sql.Identifier(table)))
        names = [column.name for column in cursor.description or ()]
        loaded[table] = {
            row[names.index("id")]: dict(zip(names, row, strict=True)) for row in cursor
        }

    def shown(table: str, row: dict[str, Any]) -> dict[str, object]:
        facts: dict[str, object] = {}
        for name, value in row.items():
            target = references.get((table, name))
            if name == "id" or name in _PASSING.get(table, ()):
                continue
            if name in _MADE_OF_IDS:
                facts[name] = value is not None
            elif target is not None and value is not None:
                facts[name] = named(target, loaded[target][value])
            else:
                facts[name] = value.hex() if isinstance(value, bytes) else value
        return facts

    def named(table: str, row: dict[str, Any]) -> object:
        for name in ("key", "slug"):
            if name in row:
                return row[name]
        return shown(table, row)

    return {
        table: Counter(
            json.dumps(shown(table, row), ensure_ascii=False, sort_keys=True, default=str)
            for row in rows.values()
        )
        for table, rows in loaded.items()
    }
