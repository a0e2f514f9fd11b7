"""Registers and their shifts for people, with what is in a shift that is open."""

from typing import Any

from django.core.paginator import Paginator
from django.db.models import Count, Q, Sum
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _

from ...orders import known
from ...outbox.staff_pages import stale
from .. import registers, shifts
from ..compose.document import Kind
from ..driver import KeepsShifts, OutcomeUnknown, ShiftReport, Unavailable
from ..models import Receipt, RegisterHealth, Shift
from . import forms

_A_PAGE = 50
_REFUNDS = [kind.value for kind in Kind if kind.is_refund]


def show(request: HttpRequest, user: str, root: str) -> HttpResponse:
    """The page, and what its buttons do."""
    report: ShiftReport | None = None
    asked = problem = ""
    if request.method == "POST":
        if not forms.KEY.is_of(request, user):
            return stale(request)
        asked = request.POST.get("register", "")
        report, problem = _interim(asked)
    page = Paginator(Shift.objects.order_by("-opened", "-pk"), _A_PAGE).get_page(
        request.GET.get("page")
    )
    context: dict[str, Any] = {
        "root": root,
        "here": "shifts",
        "page": page,
        "registers": _registers(),
        "asked": asked,
        "report": report,
        "problem": problem,
        "now": timezone.now(),
        "longest": shifts.LONGEST,
        "zone": known.zone(),
        "form": forms.KEY.of(user),
    }
    return render(request, "onec_receipts/shifts.html", context)


def _interim(name: str) -> tuple[ShiftReport | None, str]:
    """The X report of a register, or why there is none; nothing changes by it."""
    till = registers.park().tills.get(name)
    if till is None or not isinstance(till.register, KeepsShifts):
        return None, _("There is no such register, or its service keeps the shifts.")
    # No receipt is to find the register busy with paper.
    token = registers.take(name)
    if token is None:
        return None, _("The register is busy: try again in a minute.")
    try:
        return till.register.interim_report(), ""
    except (Unavailable, OutcomeUnknown) as error:
        return None, str(error)
    finally:
        registers.leave(name, token)


def _registers() -> list[dict[str, Any]]:
    """Those that are set up, and those that have been."""
    tills = registers.park().tills
    health = {row.register: row for row in RegisterHealth.objects.all()}
    found = []
    for name in sorted({*tills, *health}):
        till = tills.get(name)
        shift = shifts.current(name)
        found.append(
            {
                "name": name,
                "title": till.driver.title if till else "",
                "keeps": till is not None and isinstance(till.register, KeepsShifts),
                "health": health.get(name),
                "shift": shift,
                "counted": _counted(shift) if shift else None,
            }
        )
    return found


def _counted(shift: Shift) -> dict[str, Any]:
    """What we know to be in a shift that is open."""
    rows = Receipt.objects.filter(
        state=Receipt.State.DONE,
        register=shift.register,
        shift_number=shift.number,
        registered__gte=shift.opened,
    )
    return rows.aggregate(
        receipts=Count("pk"),
        sold=Sum("total", filter=~Q(kind__in=_REFUNDS)),
        refunded=Sum("total", filter=Q(kind__in=_REFUNDS)),
    )
