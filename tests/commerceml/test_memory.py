"""Memory does not grow with the file, read or written."""

import subprocess
import sys

import pytest

#: Peak memory (KB) of reading `count` goods that are generated while they are read.
PROGRAM = """
import itertools, resource, sys
from saleor_1c_plugin.commerceml.reader import scan

class Generated:
    def __init__(self, count, shape):
        head, item, tail = shape
        self.parts = itertools.chain(
            [head], (item.replace("@", f"{n:09}") for n in range(count)), [tail])
        self.rest = b""
    def read(self, size):
        while len(self.rest) < size:
            part = next(self.parts, None)
            if part is None:
                break
            self.rest += part.encode()
        data, self.rest = self.rest[:size], self.rest[size:]
        return data

value = "<ЗначенияСвойства><Ид>p</Ид><Значение>v@</Значение></ЗначенияСвойства>"
shapes = {
    "goods": (
        "<КоммерческаяИнформация><Каталог><Ид>c</Ид><Товары>\\n",
        "<Товар>\\n<Ид>@</Ид><ЗначенияСвойств>" + value * 10 + "</ЗначенияСвойств></Товар>\\n",
        "</Товары></Каталог></КоммерческаяИнформация>",
    ),
    "documents": (
        "<КоммерческаяИнформация>",
        "<Контейнер><Документ><Ид>@</Ид><Контрагенты><Контрагент><Ид>@</Ид></Контрагент>"
        "</Контрагенты><Товары>" + "<Товар><Ид>1</Ид></Товар>" * 15
        + "</Товары></Документ></Контейнер>",
        "</КоммерческаяИнформация>",
    ),
    "counterparties": (
        "<КоммерческаяИнформация><Контрагенты>",
        "<Контрагент><Ид>@</Ид><Контакты>" + "<Контакт><Значение>1</Значение></Контакт>" * 15
        + "</Контакты></Контрагент>",
        "</Контрагенты></КоммерческаяИнформация>",
    ),
    "properties": (
        "<КоммерческаяИнформация><Классификатор><Ид>c</Ид><Свойства>",
        "<Свойство><Ид>@</Ид><ВариантыЗначений>" + "<Значение>v@</Значение>" * 15
        + "</ВариантыЗначений></Свойство>",
        "</Свойства></Классификатор></КоммерческаяИнформация>",
    ),
}
count = int(sys.argv[1])
seen = 0
for node in scan(Generated(count, shapes[sys.argv[2]])):
    node.raw
    node.parse()
    seen += 1
assert count < seen < count + 3, seen
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""


#: The same of writing `count` orders that are made while they are written.
WRITING = """
import resource, sys
from datetime import UTC, datetime
from decimal import Decimal
from saleor_1c_plugin.commerceml.documents import Container, Document, DocumentLine
from saleor_1c_plugin.commerceml.writer import write

class Nowhere:
    written = 0
    def write(self, data):
        self.written += len(data)

def order(number):
    line = DocumentLine(str(number), "Платье", Decimal(1), Decimal(100))
    return Container(Document(str(number), lines=(line,) * 15))

target = Nowhere()
orders = map(order, range(int(sys.argv[1])))
write(target, orders, schema=sys.argv[2], encoding="utf-8", created=datetime.now(UTC))
assert target.written > 1_000 * int(sys.argv[1])
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""


def peak(count: int, shape: str, program: str = PROGRAM) -> int:
    done = subprocess.run(
        [sys.executable, "-c", program, str(count), shape],
        check=True,
        capture_output=True,
        text=True,
        timeout=60,
    )
    return int(done.stdout)


@pytest.mark.parametrize("shape", ["goods", "documents", "counterparties", "properties"])
def test_peak_memory(shape: str) -> None:
    # 9,000 more goods held in memory would be more than 30 MB.
    assert peak(10_000, shape) < peak(1_000, shape) + 3_000


@pytest.mark.parametrize("schema", ["2.09", "3.1"])
def test_peak_memory_of_writing(schema: str) -> None:
    assert peak(10_000, schema, WRITING) < peak(1_000, schema, WRITING) + 3_000
