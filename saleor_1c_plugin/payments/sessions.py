"""A buyer pays: the calls of a storefront, while it waits for the answer.

This is the one place that calls the provider while somebody waits. The call is short and bounded,
and made with the attempt's key: where its answer is lost, the storefront asks again (or nobody
does, and the regular work settles it), and it is the same payment.
"""

from dataclasses import dataclass, field
from decimal import Decimal
from urllib.parse import urlsplit

from django.db import transaction

from ..store.payments import Action, Session
from . import accounts, applying, conditions, promises
from .asking import ask
from .models import Attempt
from .offline import Offline
from .provider import Account, NoAnswer, Provider, Status, gateway_id, providers


@dataclass(frozen=True, slots=True)
class Answer:
    """How an attempt stands, for the shop that waits for the answer.

    No `status`: nothing is known yet. `data` goes to the storefront.
    """

    status: Status | None
    amount: Decimal
    two_stage: bool
    reference: str = ""
    message: str = ""
    #: How it is paid, in words by which 1C books it.
    method: str = ""
    actions: tuple[Action, ...] = ()
    data: dict[str, object] = field(default_factory=dict)


class Unusable(Exception):
    """What a storefront asks for can't be done; the text is for its developer, in English."""


def pay(provider: Provider, session: Session) -> Answer:
    """Begin a payment, or go on with it.

    Raises
    ------
    Unusable
        It can't be begun; nothing was.
    """
    account = accounts.of_channel(provider, session.channel)
    if account is None:
        raise Unusable("This gateway is switched off in the channel")
    attempt = _attempt(provider, account, session)
    if attempt.status not in (Status.CHARGED, Status.CANCELLED):
        try:
            attempt = ask(provider, account, attempt)
        except NoAnswer:
            attempt.refresh_from_db()
    return _answer(attempt)


def _attempt(provider: Provider, account: Account, session: Session) -> Attempt:
    attempts = Attempt.objects.filter(provider=provider.name, transaction=session.transaction)
    attempt = attempts.first() or _begun(provider, account, session)
    if (attempt.amount, attempt.currency) != (session.amount, session.currency):
        raise Unusable("This transaction was begun with another amount")
    return attempt


def _begun(provider: Provider, account: Account, session: Session) -> Attempt:
    if missing := conditions.missing(gateway_id(provider.name), session):
        raise Unusable(missing)
    values = {
        "channel": session.channel,
        "about": session.about[:128],
        "about_id": session.about_id,
        "amount": session.amount,
        "currency": session.currency,
        "two_stage": session.authorise or account.two_stage,
        "chosen": _method(account, session),
        # Who pays past us goes nowhere.
        "return_url": "" if isinstance(provider, Offline) else _return_url(account, session),
        "address": session.address,
        "email": session.email[:254],
        "phone": session.phone[:32],
        "payer": _payer(session),
    }
    with transaction.atomic():
        attempt, is_new = Attempt.objects.get_or_create(
            provider=provider.name, transaction=session.transaction, defaults=values
        )
        if is_new:
            # Whoever asks may die with the question: the regular work then goes on.
            applying.postpone(attempt.pk)
    attempt.refresh_from_db()
    return attempt


def _method(account: Account, session: Session) -> str:
    method = session.given.get("method") or ""
    if not isinstance(method, str) or (method and method not in account.methods):
        raise Unusable(f"“method” must be one of: {', '.join(account.methods)}")
    return method


def _return_url(account: Account, session: Session) -> str:
    """Where the storefront says, else where the merchant says."""
    given = session.given.get("returnUrl") or account.return_url
    if not given and not account.needs_return_url:
        return ""
    if not given:
        raise Unusable("“returnUrl” is missing")
    try:
        parts = urlsplit(given if isinstance(given, str) else "")
        is_whole = parts.scheme in ("http", "https") and bool(parts.hostname)
    except ValueError:
        is_whole = False
    if not is_whole:
        raise Unusable("“returnUrl” must be a whole address, from https:// on")
    return str(given)


def _payer(session: Session) -> str:
    """Whom the storefront names, else whom the shop knows."""
    given = session.given.get("payer") or session.payer
    if not isinstance(given, str):
        raise Unusable("“payer” must be a text: who pays, as a document names them")
    return " ".join(given.split())[:255]


def _answer(attempt: Attempt) -> Answer:
    known = applying.known(attempt)
    is_promise = isinstance(providers().get(attempt.provider), Offline)
    is_charged = known.status is Status.CHARGED
    is_under_way = known.status in (None, Status.PENDING) and not attempt.problem
    # The buyer has still to be shown how to keep it.
    is_under_way |= is_promise and known.status is Status.AUTHORISED
    reference, amount = _reference(attempt, known.status), attempt.amount
    if is_charged:
        reference, amount = (
            promises.last_paid(attempt) if is_promise else (reference, attempt.charged)
        )
    data: dict[str, object] = {"paymentId": attempt.payment_id, "test": attempt.is_test}
    if is_under_way:
        data |= {"confirmation": attempt.confirmation, "retry": attempt.confirmation is None}
    return Answer(
        # What does not fit what was asked for can't be gone on with.
        status=known.status if not attempt.problem or known.is_final else Status.CANCELLED,
        amount=amount,
        two_stage=attempt.two_stage,
        reference=reference,
        message=attempt.problem or attempt.reason or attempt.method,
        method=attempt.method,
        actions=known.actions,
        data=data,
    )


def _reference(attempt: Attempt, status: Status | None) -> str:
    if attempt.problem and status not in (Status.CHARGED, Status.CANCELLED):
        # A failure of that reference would be about money that may have moved.
        return f"{attempt.pk}"
    return attempt.payment_id or (str(attempt.pk) if status is Status.CANCELLED else "")
