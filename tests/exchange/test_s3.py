"""The spool on S3: the web server and the worker may be on different hosts.

The server is moto's, over HTTP. Each of the two processes has a temporary folder of its own and
no local spool at all.
"""

import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import boto3
import pytest

from saleor_1c_plugin.sandbox.children import Child
from saleor_1c_plugin.sandbox.runner import wait_for
from saleor_1c_plugin.sandbox.valkey import free_port

from .exports import export, picture
from .shop import ROOT, Shop
from .test_bad_files import card
from .whole import check_again, exchange, outcome

GOODS = 60


class TwoHosts(Shop):
    """A mini-shop whose processes share no folder."""

    def _child(self, name: str, *arguments: str) -> Child:
        host = self.folder / f"host-{name}"
        host.mkdir(exist_ok=True)
        environment = {
            **self._environment,
            "TMPDIR": str(host),
            # Nobody may fall back on it: it can't be made.
            "ONEC_SPOOL_DIR": "/dev/null/spool",
            "ONEC_MEDIA_ROOT": "/dev/null/media",
        }
        return Child(name, [sys.executable, *arguments], environment, self.folder)


@pytest.fixture(scope="module")
def s3() -> Iterator[str]:
    folder = Path(tempfile.mkdtemp(prefix="onec-s3-"))
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    server = Child(
        "s3", [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)], {}, folder
    )
    wait_for(f"{url}/moto-api/", server)
    yield url
    server.stop()
    shutil.rmtree(folder)


@pytest.fixture(scope="module")
def bucket(s3: str) -> "Bucket":
    resource = boto3.resource(
        "s3",
        endpoint_url=s3,
        aws_access_key_id="key",
        aws_secret_access_key="secret",
        region_name="us-east-1",
    )
    return Bucket(resource.create_bucket(Bucket="shop"))


class Bucket:
    def __init__(self, bucket: object) -> None:
        self._bucket = bucket

    def names(self, prefix: str) -> list[str]:
        return [item.key for item in self._bucket.objects.filter(Prefix=prefix)]  # type: ignore[attr-defined]


@pytest.fixture(scope="module")
def hosts(s3: str, bucket: Bucket) -> Iterator[TwoHosts]:
    folder = Path(tempfile.mkdtemp(prefix="onec-hosts-"))
    environment = {
        "DJANGO_SETTINGS_MODULE": "tests.exchange.s3_settings",
        "PYTHONPATH": str(ROOT),
        "ONEC_TEST_S3_URL": s3,
        "ONEC_LEASE_SECONDS": "1",
        "ONEC_QUEUE_SECONDS": "1",
        "NO_PROXY": "127.0.0.1",
    }
    with TwoHosts(folder, durable=False, environment=environment) as running:
        yield running
        leftovers = [path for path in folder.glob("host-*/**/*") if path.is_file()]
        assert not leftovers
    shutil.rmtree(folder)


@pytest.fixture
def shop(hosts: TwoHosts) -> TwoHosts:
    hosts.clear()
    return hosts


def age(shop: Shop) -> None:
    """Let a day pass."""
    day = "interval '25 hours'"
    shop.rows(
        f"UPDATE onec_exchange_exchange SET last_seen = last_seen - {day}, "
        f"finished = finished - {day}"
    )


def wait_until_swept(bucket: Bucket) -> None:
    deadline = time.monotonic() + 20
    while bucket.names("spool/"):
        assert time.monotonic() < deadline
        time.sleep(0.1)


def test_a_whole_exchange(shop: Shop, bucket: Bucket) -> None:
    body = export(GOODS)
    first = outcome(shop, exchange(shop, body, limit=8 << 10))
    assert first.state["onec_sandbox_product"].total() == GOODS
    assert not shop.journal()
    kept = shop.rows("SELECT 'spool/' || key FROM onec_exchange_spoolpart")
    assert {name for (name,) in kept} == set(bucket.names("spool/"))
    digests = {name for (name,) in shop.rows("SELECT digest FROM onec_sandbox_media")}
    assert {Path(name).stem for name in bucket.names("media/")} == digests
    check_again(shop, body, first)
    age(shop)
    shop.client()
    wait_until_swept(bucket)
    assert not (shop.folder / "spool").exists()


def test_the_worker_dies_while_it_unpacks(shop: Shop, bucket: Bucket) -> None:
    body = export(GOODS)
    with ThreadPoolExecutor(1) as onec:
        talk = onec.submit(exchange, shop, body)
        while not shop.value("SELECT count(*) FROM onec_exchange_spoolfile WHERE archive_id > 0"):
            time.sleep(0.01)
        shop.kill_pool()
        assert f"создано {GOODS + 19}" in talk.result()["import import.xml"]
    age(shop)
    shop.client()
    wait_until_swept(bucket)


def test_a_part_that_comes_twice(shop: Shop) -> None:
    body = card("import_files/1.png")
    talk = shop.client()
    for part in (picture(1)[:500], picture(1)[:500], picture(1)[500:]):
        talk.send({"import_files/1.png": part})
    assert "создано 1" in talk.load({"import.xml": body})
    assert shop.value("SELECT count(*) FROM onec_sandbox_media") == 1


def test_an_abandoned_exchange_is_swept(shop: Shop, bucket: Bucket) -> None:
    shop.client().send({"import_files/1.png": picture(1)})
    assert bucket.names("spool/")
    age(shop)
    shop.client()
    wait_until_swept(bucket)
    assert "1С не завершила обмен" in shop.journal("warning")
