"""What WebMoney sends: the form of a result, and the answer of the interface X18."""

import hashlib
import hmac
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from decimal import Decimal, InvalidOperation
from urllib.parse import parse_qsl

from lxml import etree

from ..provider import NoAnswer
from .numbers import Name

#: In the order in which they are signed; the secret key comes before the purse that has paid.
_SIGNED = (
    *("LMI_PAYEE_PURSE", "LMI_PAYMENT_AMOUNT", "LMI_HOLD", "LMI_PAYMENT_NO", "LMI_MODE"),
    *("LMI_SYS_INVS_NO", "LMI_SYS_TRANS_NO", "LMI_SYS_TRANS_DATE"),
)
_SIGNED_AFTER = ("LMI_PAYER_PURSE", "LMI_PAYER_WM")
_MOST_FIELDS = 100
_MOSCOW = timezone(timedelta(hours=3))
_TIME = "%Y%m%d %H:%M:%S"


@dataclass(frozen=True, slots=True)
class Told:
    """A form that WebMoney has sent."""

    name: Name
    amount: Decimal
    #: It asks whether this may be paid: nothing has happened, and nothing is signed.
    is_question: bool
    fields: Mapping[str, str]

    @property
    def is_held(self) -> bool:
        """The payer can have the money back for some days: that was never asked for."""
        return self.fields.get("LMI_HOLD", "0") != "0"


def told(body: bytes) -> Told:
    """A form that WebMoney has sent.

    Raises
    ------
    ValueError
        It is none of WebMoney's.
    """
    # Every octet is a letter: what is looked at here is ASCII, and the rest is nobody's concern.
    text = body.decode("latin-1")
    pairs = parse_qsl(text, keep_blank_values=True, max_num_fields=_MOST_FIELDS, encoding="latin-1")
    fields = dict(pairs)
    if len(fields) != len(pairs):
        raise ValueError("A field comes twice")
    mode, amount = fields.get("LMI_MODE"), fields.get("LMI_PAYMENT_AMOUNT", "")
    number, purse = fields.get("LMI_PAYMENT_NO", ""), fields.get("LMI_PAYEE_PURSE", "")
    if mode not in ("0", "1"):
        raise ValueError("No mode")
    name = Name.read(f"{purse}-{number}{'-test' if mode == '1' else ''}")
    return Told(name, _amount(amount), fields.get("LMI_PREREQUEST") == "1", fields)


def is_signed(form: Told, secret_key: str) -> bool:
    """Whether a result was signed with this key.

    The signature with separators counts where it comes along: without them an amount could lend a
    digit to its neighbour.
    """
    fields = form.fields
    values = [
        *(fields.get(name, "") for name in _SIGNED if name != "LMI_HOLD" or name in fields),
        secret_key,
        *(fields.get(name, "") for name in _SIGNED_AFTER),
    ]
    if "LMI_HASH2" in fields:
        expected, given = _sha256(";".join(values)), fields["LMI_HASH2"]
    else:
        expected, given = _sha256("".join(values)), fields.get("LMI_HASH", "")
    return hmac.compare_digest(expected.encode(), given.upper().encode("utf-8"))


def form_signature(values: Iterable[str], secret_key_x20: str) -> str:
    """Of purse, amount and number, so that the buyer can't change them in the form."""
    return hashlib.sha256(";".join([*values, secret_key_x20, ""]).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Trade:
    """X18's answer: how a payment is. `code` is 0 where it was made."""

    code: int
    amount: Decimal = Decimal(0)
    at: datetime | None = None
    #: Days for which the payer can have the money back.
    hold: str = "0"


def trade(body: bytes) -> Trade:
    """The answer of X18.

    Raises
    ------
    NoAnswer
        It is not as WebMoney describes it.
    """
    try:
        return _trade(body)
    except (etree.XMLSyntaxError, LookupError, ValueError) as error:
        raise NoAnswer(f"The answer can't be read: {type(error).__name__}") from None


def _trade(body: bytes) -> Trade:
    # Without a declaration WebMoney writes as it always has.
    encoding = None if body.lstrip().startswith(b"<?xml") else "windows-1251"
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, encoding=encoding
    )
    root = etree.fromstring(body, parser)
    if root.getroottree().docinfo.internalDTD is not None or root.tag != "merchant.response":
        raise ValueError("No answer of X18")
    code = int(root.findtext("retval", ""))
    operation = root.find("operation")
    if code != 0:
        return Trade(code)
    if operation is None:
        raise ValueError("No operation")
    return Trade(
        code,
        amount=_amount(operation.findtext("amount", "")),
        at=_time(operation.findtext("operdate", "")),
        hold=operation.findtext("hold_period", "").strip() or "0",
    )


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8")).hexdigest().upper()


def _amount(text: str) -> Decimal:
    try:
        amount = Decimal(text)
    except InvalidOperation:
        raise ValueError("No amount") from None
    if not amount.is_finite():
        raise ValueError("No amount")
    return amount


def _time(text: str) -> datetime:
    return datetime.strptime(text.strip(), _TIME).replace(tzinfo=_MOSCOW)
