"""OrangeData over TLS with certificates, held against its protocol by the stand-in."""

import base64
import json
import logging
import stat
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from django.utils import translation

from saleor_1c_plugin.configuration import SettingsError
from saleor_1c_plugin.receipts.compose.document import (
    AgentKind,
    Buyer,
    Correction,
    Fraction,
    Item,
    Kind,
    Means,
    Measure,
    PaymentMethod,
    PaymentObject,
    Receipt,
    Supplier,
    TaxSystem,
    Vat,
)
from saleor_1c_plugin.receipts.driver import (
    Missing,
    OutcomeUnknown,
    Progress,
    Refused,
    Unavailable,
)
from saleor_1c_plugin.receipts.orangedata import writing
from saleor_1c_plugin.receipts.orangedata.client import Client
from saleor_1c_plugin.receipts.orangedata.register import OrangeData as Driver
from saleor_1c_plugin.receipts.orangedata.register import OrangeDataRegister
from saleor_1c_plugin.receipts.orangedata.settings import OrangeDataSettings
from saleor_1c_plugin.sandbox.standins.faults import Fault

from .samples import document, item
from .standins import orangedata_keys as keys
from .standins.orangedata import OrangeData, company

ID = "6a2c5a4e-6f0f-4a5e-9f6b-0c1d2e3f4a5b"
GS = "\x1d"
CODE = f"010460406000590021N4N57RTCBUZTQ{GS}91ffd0{GS}92tIAF/YVpU4roQS3M/m4z78yFq0nc/WsSmLeX6Q=="
#: Common to all tests: keys take their time.
COMPANY = company()


@pytest.fixture(scope="module")
def authorities() -> Iterator[str]:
    with tempfile.NamedTemporaryFile("w", suffix=".pem") as file:
        file.write(keys.roots())
        file.flush()
        yield file.name


@pytest.fixture
def orangedata(monkeypatch: pytest.MonkeyPatch, authorities: str) -> Iterator[OrangeData]:
    with OrangeData(company_anew()) as server, translation.override("en"):
        monkeypatch.setenv("ONEC_ORANGEDATA_API", server.url)
        monkeypatch.setenv("ONEC_ORANGEDATA_ROOTS", authorities)
        yield server


def company_anew() -> Any:
    """With the same keys, and drives that have printed nothing."""
    groups = {name: [replace(one) for one in devices] for name, devices in COMPANY.groups.items()}
    return replace(COMPANY, groups=groups)


SAVED = {
    "inn": COMPANY.inn,
    "certificate": COMPANY.client.certificate,
    "certificate_key": COMPANY.client.key,
    "signing_key": keys.pem(COMPANY.signers[COMPANY.inn]),
}


def register(**values: object) -> OrangeDataRegister:
    (made,) = Driver().registers({**SAVED, **values})
    return made


def sent(server: OrangeData, external_id: str = ID) -> dict[str, Any]:
    asked = server.documents[COMPANY.inn, external_id].asked
    return dict(asked["content"])


def test_a_receipt_is_taken_registered_and_its_fiscal_data_are_there(
    orangedata: OrangeData,
) -> None:
    till = register()
    taken = till.send(document(item("99.99", "3"), item("0.01", "1")), ID)
    assert taken.progress is Progress.WAITING
    assert till.find(ID, taken.reference).progress is Progress.WAITING
    orangedata.work()
    done = till.find(ID, taken.reference)
    assert done.progress is Progress.DONE
    (printed,) = orangedata.done
    assert printed.device
    assert printed.processed
    assert done.data
    assert done.data.drive == printed.device.drive == "9999078900001341"
    assert done.data.is_test
    assert (done.data.document, done.data.sign) == (1, printed.sign)
    assert (done.data.shift, done.data.number) == (20, 1)
    assert done.data.register_number == printed.device.registration
    assert done.data.total == Decimal("299.98")
    assert done.data.at == printed.processed.replace(microsecond=0)
    assert done.data.at.utcoffset() == timedelta(hours=3)


def test_what_is_told(orangedata: OrangeData) -> None:
    receipt = document(
        item(), buyer=Buyer(phone="+79001234567", name="ООО", tax_number="7727401209")
    )
    register().send(receipt, ID)
    assert sent(orangedata) == {
        "ffdVersion": 4,
        "type": 1,
        "positions": [
            {
                "quantity": 2,
                "price": 617,
                "tax": 1,
                "text": "Чайник",
                "paymentMethodType": 4,
                "paymentSubjectType": 1,
                "quantityMeasurementUnit": 0,
            }
        ],
        "checkClose": {"payments": [{"type": 2, "amount": 1234}], "taxationSystem": 0},
        "customerContact": "+79001234567",
        "customerInfo": {"name": "ООО", "inn": "7727401209"},
        "totalSum": 1234,
    }
    asked = orangedata.documents[COMPANY.inn, ID].asked
    assert (asked["group"], asked["key"], asked["inn"]) == ("Main_2", COMPANY.inn, COMPANY.inn)


@pytest.mark.parametrize(
    ("vat", "code", "is_old"),
    [
        (Vat.RATE_22, 1, False),
        (Vat.RATE_22_122, 3, False),
        (Vat.RATE_20, 1, True),
        (Vat.RATE_20_120, 3, True),
        (Vat.RATE_10, 2, False),
        (Vat.RATE_10_110, 4, False),
        (Vat.RATE_0, 5, False),
        (Vat.NONE, 6, False),
        (Vat.RATE_5, 7, False),
        (Vat.RATE_7, 8, False),
        (Vat.RATE_5_105, 9, False),
        (Vat.RATE_7_107, 10, False),
    ],
)
def test_every_rate(orangedata: OrangeData, vat: Vat, code: int, is_old: bool) -> None:
    register().send(document(item(vat=vat)), ID)
    told = sent(orangedata)
    assert told["positions"][0]["tax"] == code
    assert told.get("useTax20", False) is is_old


def test_20_and_22_percent_are_no_one_receipt(orangedata: OrangeData) -> None:
    with pytest.raises(Refused, match="20% и 22%"):
        register().send(document(item(vat=Vat.RATE_20), item(vat=Vat.RATE_22)), ID)
    assert not orangedata.exchanges


@pytest.mark.parametrize("method", PaymentMethod)
@pytest.mark.parametrize("thing", [PaymentObject.COMMODITY, PaymentObject.COMMODITY_WITHOUT_CODE])
def test_every_mark(orangedata: OrangeData, method: PaymentMethod, thing: PaymentObject) -> None:
    register().send(document(item(method=method, object=thing)), ID)
    (line,) = sent(orangedata)["positions"]
    assert (line["paymentMethodType"], line["paymentSubjectType"]) == (method, thing)


@pytest.mark.parametrize(
    ("tax_system", "code"),
    [
        (TaxSystem.OSN, 0),
        (TaxSystem.USN_INCOME, 1),
        (TaxSystem.USN_INCOME_OUTCOME, 2),
        (TaxSystem.ESN, 4),
        (TaxSystem.PATENT, 5),
    ],
)
def test_every_tax_system(orangedata: OrangeData, tax_system: TaxSystem, code: int) -> None:
    register().send(document(tax_system=tax_system), ID)
    assert sent(orangedata)["checkClose"]["taxationSystem"] == code


def test_every_means(orangedata: OrangeData) -> None:
    paid = {means: Decimal(place) for place, means in enumerate(Means, 1)}
    register().send(document(item("15.00", "1"), paid=paid), ID)
    assert sent(orangedata)["checkClose"]["payments"] == [
        {"type": 1, "amount": 1},
        {"type": 2, "amount": 2},
        {"type": 14, "amount": 3},
        {"type": 15, "amount": 4},
        {"type": 16, "amount": 5},
    ]


def marked(**more: Any) -> Item:
    return item("100.00", "1", object=PaymentObject.COMMODITY_WITH_CODE, marking_code=CODE, **more)


@pytest.mark.parametrize(
    ("more", "kind", "status"),
    [
        ({}, Kind.SELL, 1),
        ({}, Kind.SELL_REFUND, 3),
        ({"measure": Measure.KILOGRAM}, Kind.SELL, 2),
        ({"fraction": Fraction(1, 3)}, Kind.SELL, 2),
        ({"fraction": Fraction(1, 3)}, Kind.SELL_REFUND, 4),
    ],
)
def test_marked_goods(orangedata: OrangeData, more: Any, kind: Kind, status: int) -> None:
    register().send(document(marked(**more), kind=kind), ID)
    told = sent(orangedata)
    (line,) = told["positions"]
    assert told["type"] == (2 if kind.is_refund else 1)
    assert (line["itemCode"], line["plannedStatus"]) == (CODE, status)
    fraction = more.get("fraction")
    assert line.get("fractionalQuantity") == (fraction and {"numerator": 1, "denominator": 3})


def test_goods_of_others(orangedata: OrangeData) -> None:
    supplier = Supplier("ООО «Ромашка»", "7727401209", ("+79001234567",))
    register().send(document(item(agent=AgentKind.COMMISSION_AGENT, supplier=supplier)), ID)
    (line,) = sent(orangedata)["positions"]
    assert line["agentType"] == 32
    assert line["supplierINN"] == "7727401209"
    assert line["supplierInfo"] == {"name": "ООО «Ромашка»", "phoneNumbers": ["+79001234567"]}


@pytest.mark.parametrize(
    ("kind", "code"), [(Kind.SELL_CORRECTION, 1), (Kind.SELL_REFUND_CORRECTION, 2)]
)
def test_a_correction(orangedata: OrangeData, kind: Kind, code: int) -> None:
    till = register()
    correction = Correction(date(2026, 11, 1), on_order=True, number="42/666", reason="Не пробит")
    taken = till.send(document(kind=kind, correction=correction), ID)
    told = sent(orangedata)
    assert (told["type"], told["correctionType"]) == (code, 1)
    assert told["causeDocumentDate"] == "2026-11-01T00:00:00"
    assert told["causeDocumentNumber"] == "42/666"
    orangedata.work()
    # Also where its kind is known no more.
    assert till.find(ID, taken.reference) == till.find(ID, "")
    assert till.find(ID, "").progress is Progress.DONE


def test_a_correction_by_oneself_has_no_number(orangedata: OrangeData) -> None:
    register().send(document(kind=Kind.SELL_CORRECTION), ID)
    told = sent(orangedata)
    assert told["correctionType"] == 0
    assert "causeDocumentNumber" not in told


@pytest.mark.parametrize(
    ("receipt", "why"),
    [
        (document(item(name="я" * 129)), "длиннее 128"),
        (document(item(name="")), "пустое"),
        (document(buyer=Buyer()), "телефон или e-mail"),
        (document(buyer=Buyer(email=f"{'a' * 60}@b.ru")), "телефон или e-mail"),
        (document(replace(marked(), marking_code="1" * 224)), "Код маркировки"),
        (
            document(
                kind=Kind.SELL_CORRECTION, correction=Correction(date(2026, 1, 1), on_order=True)
            ),
            "предписания",
        ),
    ],
)
def test_what_can_not_be_told(orangedata: OrangeData, receipt: Receipt, why: str) -> None:
    with pytest.raises(Refused, match=why):
        register().send(receipt, ID)
    assert not orangedata.exchanges


def test_a_long_e_mail_address_gives_way_to_the_phone(orangedata: OrangeData) -> None:
    buyer = Buyer(email=f"{'a' * 60}@b.ru", phone="+79001234567")
    register().send(document(buyer=buyer), ID)
    assert sent(orangedata)["customerContact"] == "+79001234567"


def test_what_orangedata_turns_down(orangedata: OrangeData) -> None:
    till = register()
    with pytest.raises(Refused, match="Сумма оплат"):
        till.send(document(paid={Means.ELECTRONIC: Decimal(1)}), ID)
    # Nothing was done: mended, it goes by the same id.
    till.send(document(), ID)
    assert len(orangedata.documents) == 1


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"group": 5}, "'group'"),
        ({"id": ""}, "'id'"),
        ({"idd": "1"}, "'idd'"),
        ({"content": {"type": 5}}, "'type'"),
        ({"content": {"ffdVersion": 2}}, "'ffdVersion'"),
        ({"content": {"settlementPlace": "https://shop.example"}}, "'settlementPlace'"),
        ({"content": {"customerContact": "anna"}}, "'customerContact'"),
        ({"content": {"totalSum": 1}}, "'totalSum'"),
        ({"content": {"positions": [{"tax": 11}]}}, "'tax'"),
    ],
)
def test_the_stand_in_is_strict(orangedata: OrangeData, change: dict[str, Any], why: str) -> None:
    body = json.loads(writing.document(document(), sent_by(), ID))
    content = change.get("content", {})
    (line,) = content.pop("positions", [{}])
    body["content"]["positions"][0] |= line
    body |= {**change, "content": {**body["content"], **content}}
    client = Client(OrangeDataSettings.from_configuration(SAVED))
    reply = client.post("documents", json.dumps(body).encode())
    assert reply.status == 400
    assert reply.json
    assert why in reply.json["errors"][0]


def sent_by() -> dict[str, str]:
    return {"inn": COMPANY.inn, "group": "Main_2", "key": COMPANY.inn}


def test_a_receipt_that_is_sent_again_is_the_same_one(orangedata: OrangeData) -> None:
    till = register()
    for _ in range(2):
        assert till.send(document(), ID).progress is Progress.WAITING
    orangedata.work()
    assert till.send(document(), ID).progress is Progress.DONE
    assert len(orangedata.done) == 1


@pytest.mark.parametrize("fault", Fault)
def test_whatever_becomes_of_an_answer_it_is_one_receipt(
    orangedata: OrangeData, fault: Fault
) -> None:
    till = register()
    orangedata.faults.script.append(fault)
    try:
        # Half of an empty answer is the whole of it.
        assert till.send(document(), ID).progress is Progress.WAITING
        assert fault is Fault.CUT
    except OutcomeUnknown:
        assert fault is not Fault.CUT
    orangedata.work()
    orangedata.faults.script.append(fault)
    with pytest.raises(OutcomeUnknown):
        till.find(ID, "")
    if fault.is_before:
        with pytest.raises(Missing):
            till.find(ID, "")
        till.send(document(), ID)
        orangedata.work()
    assert till.find(ID, "").progress is Progress.DONE
    assert len(orangedata.done) == 1


def test_a_receipt_that_was_never_sent(orangedata: OrangeData) -> None:
    with pytest.raises(Missing):
        register().find(ID, "")
    with pytest.raises(Missing):
        register().find(ID, f"documents/{ID}")


def test_nobody_is_there(
    orangedata: OrangeData, monkeypatch: pytest.MonkeyPatch, authorities: str
) -> None:
    monkeypatch.setenv("ONEC_ORANGEDATA_API", "https://127.0.0.1:9/api/v2")
    with pytest.raises(Unavailable):
        register().send(document(), ID)


def test_somebody_else_is_there(orangedata: OrangeData, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ONEC_ORANGEDATA_ROOTS", "")
    with pytest.raises(Unavailable):
        register().send(document(), ID)
    assert not orangedata.exchanges


def test_a_full_queue(orangedata: OrangeData) -> None:
    orangedata.is_full = True
    with pytest.raises(Unavailable, match="переполнена"):
        register().send(document(), ID)
    orangedata.is_full = False
    register().send(document(), ID)


def test_marking_codes_that_are_not_accepted(orangedata: OrangeData) -> None:
    orangedata.bad_codes.add(CODE)
    till = register()
    till.send(document(item(), marked()), ID)
    orangedata.work()
    with pytest.raises(Refused, match="в строках 2 ") as error:
        till.find(ID, "")
    assert CODE not in str(error.value)
    # Mended it is another one.
    till.send(document(item()), f"{ID}.2")
    orangedata.work()
    assert till.find(f"{ID}.2", "").progress is Progress.DONE


def test_a_receipt_that_no_register_got_to(orangedata: OrangeData) -> None:
    till = register()
    till.send(document(), ID)
    orangedata.expire(ID)
    with pytest.raises(Refused, match="отправьте его заново"):
        till.find(ID, "")


def test_a_receipt_of_long_ago_is_never_sent_anew(orangedata: OrangeData) -> None:
    till = register()
    till.send(document(), ID)
    orangedata.work()
    orangedata.archive(ID)
    with pytest.raises(OutcomeUnknown):
        till.send(document(), ID)


def test_how_the_registers_are(orangedata: OrangeData) -> None:
    for place, device in enumerate(orangedata.company.groups["Main_2"], 1):
        device.unsent = place
    health = register().health()
    assert (health.problem, health.unsent) == ("", 3)
    assert health.drive_ends
    assert health.drive_ends.year == 2030
    assert register(group="Other").health().problem
    orangedata.company.groups["Main_2"].clear()
    assert register().health().problem


def test_the_connection_is_tried(orangedata: OrangeData) -> None:
    assert COMPANY.inn in register().check_connection()
    other = keys.certified("somebody")
    wrong = register(certificate=other.certificate, certificate_key=other.key)
    with pytest.raises(SettingsError) as error:
        wrong.check_connection()
    assert list(error.value.faults) == ["certificate"]
    with pytest.raises(Unavailable):
        wrong.send(document(), ID)
    forged = register(signing_key=keys.pem(keys.make_key()))
    with pytest.raises(SettingsError) as error:
        forged.check_connection()
    assert list(error.value.faults) == ["signing_key"]
    with pytest.raises(Unavailable):
        forged.send(document(), ID)
    with pytest.raises(SettingsError) as error:
        register(group="Other").check_connection()
    assert list(error.value.faults) == ["key_name"]
    orangedata.faults.script.append(Fault.DOWN)
    with pytest.raises(OutcomeUnknown):
        register().check_connection()


def test_no_secret_is_written_down(
    orangedata: OrangeData, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    till = register()
    orangedata.faults.script.extend([Fault.DROPPED, Fault.LOST])
    errors = []
    for receipt_id in (ID, f"{ID}.2"):
        with pytest.raises(OutcomeUnknown) as error:
            till.send(document(), receipt_id)
        errors.append(error.value)
    settings = OrangeDataSettings.from_configuration(SAVED)
    written = [caplog.text, repr(till), repr(settings), *map(repr, errors), *map(str, errors)]
    assert "urllib3" in caplog.text
    assert any(COMPANY.inn in text for text in written)
    for pem in (SAVED["certificate_key"], SAVED["signing_key"]):
        line = pem.splitlines()[5]
        assert len(line) > 60
        for text in written:
            assert line not in text
            assert "PRIVATE KEY" not in text


def test_a_key_lies_in_a_file_for_a_moment_only_and_locked(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    seen: list[tuple[int, str]] = []
    made = tempfile.NamedTemporaryFile

    def watched(*args: Any, **kwargs: Any) -> Any:
        file = made(*args, **{**kwargs, "dir": tmp_path})
        flush = file.flush

        def flushed() -> None:
            flush()
            path = Path(file.name)
            seen.append((stat.S_IMODE(path.stat().st_mode), path.read_text()))

        file.flush = flushed
        return file

    monkeypatch.setattr(tempfile, "NamedTemporaryFile", watched)
    OrangeDataSettings.from_configuration(SAVED)
    assert seen
    for mode, text in seen:
        assert mode == 0o600
        assert "BEGIN ENCRYPTED PRIVATE KEY" in text
        assert "BEGIN PRIVATE KEY" not in text
    assert not list(tmp_path.iterdir())


def _xml() -> str:
    """A key as OrangeData's generator writes it."""
    numbers = COMPANY.signers[COMPANY.inn].private_numbers()
    public = numbers.public_numbers
    values = {
        "Modulus": public.n,
        "Exponent": public.e,
        "P": numbers.p,
        "Q": numbers.q,
        "DP": numbers.dmp1,
        "DQ": numbers.dmq1,
        "InverseQ": numbers.iqmp,
        "D": numbers.d,
    }
    texts = {
        name: base64.b64encode(value.to_bytes((value.bit_length() + 7) // 8)).decode()
        for name, value in values.items()
    }
    inner = "".join(f"<{name}>{text}</{name}>" for name, text in texts.items())
    return f"\ufeff<RSAKeyValue>{inner}</RSAKeyValue>\n"


def _old_pem() -> str:
    """As OpenSSL wrote it for long."""
    return (
        COMPANY.signers[COMPANY.inn]
        .private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.TraditionalOpenSSL,
            serialization.NoEncryption(),
        )
        .decode()
    )


@pytest.mark.parametrize(
    "values",
    [
        {"signing_key": _xml()},
        {"signing_key": _old_pem()},
        # A field of one line takes the line ends out.
        {key: str(value).replace("\n", "") for key, value in SAVED.items()},
        {"certificate": f"subject=/C=RU\n{SAVED['certificate']}"},
        {"certificate_password": "1234"},
        {
            "certificate_key": keys.pem(
                serialization.load_pem_private_key(SAVED["certificate_key"].encode(), None),  # type: ignore[arg-type]
                b"1234",
            ),
            "certificate_password": "1234",
        },
        {
            "certificate_key": serialization.load_pem_private_key(
                SAVED["certificate_key"].encode(), None
            )
            .private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.TraditionalOpenSSL,
                serialization.BestAvailableEncryption(b"1234"),
            )
            .decode(),
            "certificate_password": "1234",
        },
    ],
)
def test_keys_as_merchants_have_them(orangedata: OrangeData, values: dict[str, str]) -> None:
    assert COMPANY.inn in register(**values).check_connection()


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("inn", ""),
        ("inn", "7727401208"),
        ("group", "g" * 33),
        ("key_name", "k" * 33),
        ("certificate", ""),
        ("certificate", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----"),
        ("certificate", keys.certified("somebody").certificate),
        ("signing_key", ""),
        ("signing_key", "<RSAKeyValue><Modulus>AQAB</Modulus></RSAKeyValue>"),
        ("signing_key", SAVED["certificate"]),
        ("time_zone", "Moscow"),
    ],
)
def test_settings_that_can_not_be_used(key: str, value: str) -> None:
    with pytest.raises(SettingsError) as error:
        OrangeDataSettings.from_configuration({**SAVED, key: value})
    assert list(error.value.faults) == [key]


def test_a_key_that_is_not_the_certificate_s() -> None:
    with pytest.raises(SettingsError) as error:
        OrangeDataSettings.from_configuration({**SAVED, "certificate_key": SAVED["signing_key"]})
    assert list(error.value.faults) == ["certificate"]


def test_settings_of_a_driver_that_is_off_may_be_empty() -> None:
    assert OrangeDataSettings.from_configuration({}, complete=False).group == "Main_2"
