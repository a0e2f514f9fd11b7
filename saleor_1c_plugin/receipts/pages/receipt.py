"""One receipt for people: what is in it, how far it got, and what they can do with it."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseNotFound, HttpResponseRedirect
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _

from ...orders import known
from ...outbox.staff_pages import stale
from .. import actions, stored, words
from ..actions import Impossible
from ..compose.buyer import phone
from ..compose.document import Receipt as Document
from ..compose.document import Vat
from ..mending import Changes, ItemChange
from ..models import Receipt
from ..printing import links
from ..printing import words as law
from . import forms

#: Parts the fields of a marking code; no browser shows it, and few keyboards have it.
_SEPARATOR, _SHOWN = "\x1d", "\N{SYMBOL FOR GROUP SEPARATOR}"


def show(request: HttpRequest, user: str, root: str, name: UUID | None) -> HttpResponse:
    """The page, and what its buttons do."""
    row = Receipt.objects.filter(pk=name).first() if name else None
    if row is None:
        return HttpResponseNotFound()
    problem = ""
    if request.method == "POST":
        if not forms.KEY.is_of(request, user):
            return stale(request)
        try:
            _act(request, row)
        except Impossible as error:
            problem = str(error)
            row.refresh_from_db()
        else:
            return HttpResponseRedirect(request.path)
    return render(
        request,
        "onec_receipts/staff_receipt.html",
        _context(request, row, problem) | {"root": root, "form": forms.KEY.of(user)},
        status=409 if problem else 200,
    )


def _act(request: HttpRequest, row: Receipt) -> None:
    given = request.POST
    note = forms.clean(given.get("note", ""))
    match given.get("action"):
        case "mend":
            actions.mend(row.pk, _changes(request, row), note)
        case "send":
            actions.send_anew(row.pk)
        case "drop":
            actions.drop(row.pk, note)
        case "let-go":
            actions.let_go(row.pk, note)
        case "correct":
            number = forms.clean(given.get("number", ""))[:32]
            actions.correct(row.pk, note, again=given.get("again") == "on", number=number)


def _changes(request: HttpRequest, row: Receipt) -> Changes:
    """What was written into the form.

    Raises
    ------
    Impossible
        It is not the form of this receipt, or says what no receipt can say.
    """
    given = request.POST
    count = len(_document(row).items) if row.document else 0
    names, rates, codes = (given.getlist(key) for key in ("name", "vat", "code"))
    if not len(names) == len(rates) == len(codes) == count:
        raise Impossible(_("The receipt has changed: open it again."))
    known_rates = {str(rate.value) for rate in Vat}
    if not known_rates.issuperset(rates):
        raise Impossible(_("There is no such rate."))
    number = forms.clean(given.get("phone", ""))
    return Changes(
        email=forms.clean(given.get("email", "")),
        phone=phone(number) if number else "",
        items=[
            ItemChange(
                " ".join(forms.clean(name).split()),
                Vat(int(rate)),
                forms.clean(code).replace(_SHOWN, _SEPARATOR),
            )
            for name, rate, code in zip(names, rates, codes, strict=True)
        ],
    )


def _document(row: Receipt) -> Document:
    """Of a row that has one."""
    return stored.load(row.document or {})


def _context(request: HttpRequest, row: Receipt, problem: str) -> dict[str, Any]:
    document = _document(row) if row.document else None
    given = request.POST if problem and request.POST.get("action") == "mend" else None
    rates = words.rates()
    kinds, states = words.kinds(), words.states()
    items = []
    for place, item in enumerate(document.items if document else ()):
        written = {
            "name": item.name,
            "vat": str(item.vat.value),
            "code": item.marking_code.replace(_SEPARATOR, _SHOWN),
        }
        if given:
            # What was typed is not to be typed again.
            written |= {
                key: values[place] for key in written if place < len(values := given.getlist(key))
            }
        items.append(
            written
            | {
                "quantity": f"{item.quantity:f}",
                "measure": law.MEASURES[item.measure],
                "price": item.price,
                "amount": item.amount,
                "method": law.METHODS[item.method],
                "object": law.OBJECTS[item.object],
                "rate": rates[item.vat],
            }
        )
    means = words.means()
    buyer = document.buyer if document else None
    return {
        "here": "receipt",
        "row": row,
        "document": document,
        "items": items,
        "kind": kinds[row.kind],
        "state": states[row.state],
        "paid": [(means[one], amount) for one, amount in document.paid.items()] if document else [],
        "email": given.get("email", "") if given else buyer.email if buyer else "",
        "phone": given.get("phone", "") if given else buyer.phone if buyer else "",
        "rates": [(str(rate.value), name) for rate, name in rates.items()],
        "is_overdue": row.due is not None and row.deadline < timezone.now(),
        "page": links.address_of(row.pk) if row.state == Receipt.State.DONE else "",
        "corrections": [
            (one, kinds[one.kind], states[one.state])
            for one in Receipt.objects.filter(corrects=row).order_by("created", "pk")
        ],
        "problem": problem,
        "zone": known.zone(),
    }
