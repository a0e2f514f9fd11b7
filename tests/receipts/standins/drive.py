"""A fiscal drive: it numbers and signs what is registered."""

import hashlib
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any


@dataclass
class Document:
    number: int
    kind: str
    at: datetime
    sign: int
    shift: int
    #: In the shift; 0: it is no receipt.
    receipt: int = 0
    total: Decimal = Decimal(0)
    #: What was asked for.
    asked: Any = None


@dataclass
class Drive:
    serial: str = "9960440300123456"
    registration: str = "0000000001002292"
    shift: int = 0
    documents: list[Document] = field(default_factory=list)

    def write(
        self, kind: str, at: datetime, total: Decimal = Decimal(0), asked: Any = None
    ) -> Document:
        """Register a document; those with a total are receipts."""
        number = len(self.documents) + 1
        receipt = 1 + len(self.of_shift()) if total else 0
        digest = hashlib.sha256(f"{self.serial} {number}".encode()).digest()
        sign = int.from_bytes(digest[:4])
        made = Document(number, kind, at, sign, self.shift, receipt, total, asked)
        self.documents.append(made)
        return made

    def of_shift(self) -> list[Document]:
        """Receipts of the present shift."""
        return [one for one in self.documents if one.receipt and one.shift == self.shift]

    @property
    def receipts(self) -> list[Document]:
        return [one for one in self.documents if one.receipt]
