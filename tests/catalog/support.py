"""Packages written by hand, and a report that remembers."""

import os
from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from io import BytesIO
from itertools import count
from pathlib import Path
from typing import BinaryIO

from saleor_1c_plugin.catalog.importer import import_file
from saleor_1c_plugin.catalog.missing import finish_package
from saleor_1c_plugin.catalog.report import ImportContext
from saleor_1c_plugin.commerceml.model import ItemKind
from saleor_1c_plugin.report import Level, Outcome

#: Real files of several configurations of 1C; they are not part of the repository.
DATA = Path(os.environ.get("ONEC_SHARED_DATA", Path(__file__).parents[3] / "shared/data"))
DATA = DATA / "commerceml"

PACKAGES = {
    "off-doc-1c": ["import.xml", "offers.xml"],
    "bitrix-module-6": [
        "import.xml",
        "properties/1/import.xml",
        "properties/1/offers.xml",
        "goods/1/import.xml",
        "goods/1/offers.xml",
        "goods/1/prices.xml",
        "goods/1/rests.xml",
    ],
    "umi-cms": ["import.xml", "offers.xml"],
    "ready-script": ["import.xml", "offers.xml"],
    "carono": ["classifier.xml", "import.xml", "offers.xml"],
    "bigperson": ["classifier.xml", "import.xml", "offers.xml"],
    "avdivo": ["import.xml", "offers.xml"],
}

_CLOCK = count()


@dataclass
class Recorder:
    counts: Counter[tuple[ItemKind, Outcome]] = field(default_factory=Counter)
    problems: list[tuple[Level, str, str]] = field(default_factory=list)

    def count(self, kind: ItemKind, outcome: Outcome, n: int = 1) -> None:
        self.counts[kind, outcome] += n

    def problem(
        self,
        level: Level,
        message: str,
        *,
        kind: str = "",
        object_id: str = "",
        name: str = "",
        line: int = 0,
    ) -> None:
        self.problems.append((level, message, object_id))

    def beat(self, seen: int) -> None: ...

    def of(self, kind: ItemKind) -> dict[str, int]:
        """Counts of a kind by outcome, without those that are nought."""
        return {outcome.value: n for (k, outcome), n in self.counts.items() if k is kind and n}

    @property
    def messages(self) -> list[str]:
        return [message for _, message, _ in self.problems]


@dataclass
class Files:
    """Pictures of an exchange, in memory."""

    content: Mapping[str, bytes] = field(default_factory=dict)

    def names(self) -> Collection[str]:
        return self.content.keys()

    def open(self, path: str) -> BinaryIO:
        return BytesIO(self.content[path])

    def digest(self, path: str) -> str:
        return sha256(self.content[path]).hexdigest()

    def size(self, path: str) -> int:
        return len(self.content[path])


class Exchange:
    """One exchange: its files are imported in turn, each with a report of its own."""

    def __init__(
        self, pictures: Mapping[str, bytes] | None = None, *, dry_run: bool = False
    ) -> None:
        # Each exchange begins later than the one before, however fast the test is.
        started = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(hours=next(_CLOCK))
        self.context = ImportContext(started.isoformat(), started, Files(pictures or {}), dry_run)

    def send(self, xml: str | bytes) -> Recorder:
        report = Recorder()
        body = xml.encode() if isinstance(xml, str) else xml
        import_file(BytesIO(body), self.context, report)
        return report

    def finish(self) -> Recorder:
        report = Recorder()
        finish_package(self.context, report)
        return report


def catalogue(goods: str, *, classifier: str = "", only_changes: str = "false") -> str:
    return (
        '<?xml version="1.0" encoding="UTF-8"?><КоммерческаяИнформация ВерсияСхемы="2.08">'
        f"<Классификатор><Ид>K</Ид><Наименование>К</Наименование>{classifier}</Классификатор>"
        f'<Каталог СодержитТолькоИзменения="{only_changes}"><Ид>C</Ид>'
        f"<ИдКлассификатора>K</ИдКлассификатора><Наименование>Каталог</Наименование>"
        f"<Товары>{goods}</Товары></Каталог></КоммерческаяИнформация>"
    )


def offers(body: str, *, head: str = "", only_changes: str = "false") -> str:
    return (
        '<?xml version="1.0" encoding="UTF-8"?><КоммерческаяИнформация ВерсияСхемы="2.08">'
        f'<ПакетПредложений СодержитТолькоИзменения="{only_changes}"><Ид>C#</Ид>'
        f"<ИдКаталога>C</ИдКаталога><ИдКлассификатора>K</ИдКлассификатора>{head}"
        f"<Предложения>{body}</Предложения></ПакетПредложений></КоммерческаяИнформация>"
    )


def good(onec_id: str, name: str = "Стул", more: str = "", article: str = "") -> str:
    return (
        f"<Товар><Ид>{onec_id}</Ид><Артикул>{article}</Артикул>"
        f"<Наименование>{name}</Наименование>{more}</Товар>"
    )


PRICE_TYPES = (
    "<ТипыЦен><ТипЦены><Ид>retail</Ид><Наименование>Розничная</Наименование>"
    "<Валюта>руб</Валюта></ТипЦены></ТипыЦен>"
)


def offer(
    onec_id: str, price: str = "100.00", quantity: str = "5", more: str = "", name: str = "Стул"
) -> str:
    return (
        f"<Предложение><Ид>{onec_id}</Ид><Наименование>{name}</Наименование>{more}"
        f"<Цены><Цена><ИдТипаЦены>retail</ИдТипаЦены><ЦенаЗаЕдиницу>{price}</ЦенаЗаЕдиницу>"
        f"<Валюта>руб</Валюта></Цена></Цены><Количество>{quantity}</Количество></Предложение>"
    )
