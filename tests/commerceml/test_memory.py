"""Memory does not grow with the file."""

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
        "<Контейнер><Документ><Ид>@</Ид><Товары>" + "<Товар><Ид>1</Ид></Товар>" * 15
        + "</Товары></Документ></Контейнер>",
        "</КоммерческаяИнформация>",
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


def peak(count: int, shape: str) -> int:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(count), shape],
        check=True,
        capture_output=True,
        text=True,
        timeout=60,
    )
    return int(done.stdout)


@pytest.mark.parametrize("shape", ["goods", "documents", "properties"])
def test_peak_memory(shape: str) -> None:
    # 9,000 more goods held in memory would be more than 30 MB.
    assert peak(10_000, shape) < peak(1_000, shape) + 3_000
