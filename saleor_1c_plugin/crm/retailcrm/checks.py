"""Whether an account lets us in, and has what the settings name."""

from collections.abc import Sequence

from django.utils.translation import gettext as _

from ..adapter import Denied
from .client import Client, Said
from .settings import RetailCrmSettings


def check(settings: RetailCrmSettings) -> str:
    """Say which account and which shop it is.

    Raises
    ------
    Denied
        It does not, or has not.
    """
    client = Client(settings)
    shop = _shop(client, settings)
    _check_currency(client, settings, shop)
    known = _codes(client, "statuses")
    for stage in settings.stages.values():
        if stage not in known:
            _refuse(_("There is no status “%(code)s”; there are: %(known)s."), stage, known)
    if settings.payment_type:
        _check_payments(client, settings)
    if settings.onec_field:
        found = client.get(f"custom-fields/customer/{settings.onec_field}")
        if found.is_not_found:
            raise Denied(_("Customers have no field “%(code)s”.") % {"code": settings.onec_field})
        _asked(found)
    return _("Connected to %(account)s, shop %(shop)s") % {
        "account": settings.address,
        "shop": shop or "—",
    }


def _shop(client: Client, settings: RetailCrmSettings) -> str:
    """Code of the shop that is written into."""
    sites = _asked(client.get("credentials")).answer.get("sitesAvailable")
    available = [str(code) for code in sites] if isinstance(sites, list) else []
    if settings.site and settings.site not in available:
        text = _("There is no shop “%(code)s”; there are: %(known)s.")
        _refuse(text, settings.site, available)
    if not settings.site and len(available) > 1:
        raise Denied(
            _("The key is for several shops: choose one of %(known)s.")
            % {"known": ", ".join(available)}
        )
    return settings.site or next(iter(available), "")


def _check_currency(client: Client, settings: RetailCrmSettings, shop: str) -> None:
    for site in _asked(client.get("reference/sites")).rows("sites"):
        currency = site.get("currency")
        if site.get("code") == shop and currency and currency != settings.currency:
            raise Denied(
                _("The shop there counts in %(currency)s, not in %(own)s.")
                % {"currency": currency, "own": settings.currency}
            )


def _check_payments(client: Client, settings: RetailCrmSettings) -> None:
    known = _codes(client, "payment-types")
    if settings.payment_type not in known:
        text = _("There is no kind of payments “%(code)s”; there are: %(known)s.")
        _refuse(text, settings.payment_type, known)
    known = _codes(client, "payment-statuses")
    if settings.payment_status not in known:
        text = _("There is no status of payments “%(code)s”; there are: %(known)s.")
        _refuse(text, settings.payment_status, known)


def _asked(said: Said) -> Said:
    if said.problem:
        raise Denied(said.problem)
    return said


def _codes(client: Client, kind: str) -> list[str]:
    """Of a reference book: what is in use."""
    name = "".join(part.capitalize() for part in kind.split("-"))
    rows = _asked(client.get(f"reference/{kind}")).rows(name[0].lower() + name[1:])
    return [str(row.get("code")) for row in rows if row.get("active") is not False]


def _refuse(text: str, code: str, known: Sequence[str]) -> None:
    raise Denied(text % {"code": code, "known": ", ".join(known) or "—"})
