"""ZIP packages, honest and otherwise."""

import io
import zipfile

import pytest

from saleor_1c_plugin.sandbox.models import Product
from tests.catalog.support import catalogue, good

from .conftest import OneC

pytestmark = pytest.mark.django_db(transaction=True)


def pack(**files: bytes) -> bytes:
    return pack_named({name.replace("__", "."): body for name, body in files.items()})


def pack_named(files: dict[str, bytes]) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, body in files.items():
            archive.writestr(name, body)
    return target.getvalue()


def test_zip_in_parts(onec: OneC) -> None:
    body = pack(import__xml=catalogue(good("p1")).encode())
    onec.send("package.zip", body[:100])
    onec.send("package.zip", body[100:])
    assert onec.load("import.xml").startswith("success")
    assert Product.objects.count() == 1


@pytest.mark.parametrize("name", ["../../import.xml", "/import.xml"])
def test_paths_out_of_the_package(onec: OneC, name: str) -> None:
    onec.send("package.zip", pack_named({name: b"<x/>"}))
    assert "Недопустимое имя" in onec.load("import.xml")


def test_bomb(onec: OneC) -> None:
    onec.send("package.zip", pack(import__xml=b"0" * (65 << 20)))
    assert "бомб" in onec.load("import.xml")


def test_broken_archive(onec: OneC) -> None:
    onec.send("package.zip", pack(import__xml=b"<x/>")[:-20])
    assert "повреждён" in onec.load("import.xml")


def test_encrypted_archive(onec: OneC) -> None:
    body = bytearray(pack(import__xml=b"<x/>"))
    # The flag "encrypted", in the local header and in the directory.
    body[6] |= 1
    body[body.index(b"PK\x01\x02") + 8] |= 1
    onec.send("package.zip", bytes(body))
    assert "зашифрован" in onec.load("import.xml")


@pytest.mark.parametrize(
    "body",
    [
        b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>',
        '<?xml version="1.0"?><!DOCTYPE КоммерческаяИнформация SYSTEM "file:///etc/passwd">'
        "<КоммерческаяИнформация/>".encode(),
        b"not xml at all",
        '<?xml version="1.0" encoding="UTF-8"?><КоммерческаяИнформация>'.encode()
        + "кириллица".encode("windows-1251"),
    ],
)
def test_bad_xml_has_a_reason(onec: OneC, body: bytes) -> None:
    onec.send("import.xml", body)
    answer = onec.load("import.xml")
    assert answer.startswith("failure\n")
    assert "root:" not in answer
    assert "Внутренняя ошибка" not in answer
