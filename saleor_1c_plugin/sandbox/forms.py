"""What a buyer types."""

import re
from typing import Any

from django import forms
from django.conf import settings
from django.core.validators import RegexValidator
from django.utils.translation import gettext_lazy as _

from ..store.orders import Address
from .checkout import Wishes
from .models import Variant, Warehouse
from .reserving import ACTIONS

_MOST = 9999


class CartLineForm(forms.Form):
    """How many of these goods the buyer wants; none takes them out of the cart."""

    variant = forms.ModelChoiceField(Variant.objects.none())
    quantity = forms.IntegerField(min_value=0, max_value=_MOST)

    def __init__(self, data: Any, channel: str) -> None:
        super().__init__(data)
        field = self.fields["variant"]
        assert isinstance(field, forms.ModelChoiceField)  # noqa: S101 - it is declared above
        field.queryset = Variant.objects.filter(
            product__published=True, prices__channel=channel
        ).distinct()


class SignInForm(forms.Form):
    """Who the buyer is; no e-mail signs out."""

    email = forms.EmailField(label=_("E-mail"), required=False)
    for_company = forms.BooleanField(label=_("I buy for a company"), required=False)

    def clean_email(self) -> str:
        return str(self.cleaned_data["email"]).lower()


class ReservationForm(forms.Form):
    """What becomes of the reservation of a line; of all lines, where none is named."""

    action = forms.ChoiceField(choices=[(name, name) for name in ACTIONS])
    line = forms.CharField(required=False, max_length=20)


class CheckoutForm(forms.Form):
    """Who buys, and where the goods go."""

    first_name = forms.CharField(label=_("First name"), max_length=250)
    last_name = forms.CharField(label=_("Last name"), max_length=250)
    email = forms.EmailField(label=_("E-mail"))
    phone = forms.CharField(label=_("Phone"), max_length=32)
    company = forms.CharField(label=_("Company"), max_length=250, required=False)
    inn = forms.CharField(
        label=_("INN"),
        required=False,
        validators=[RegexValidator(r"^(\d{10}|\d{12})\Z", _("An INN has 10 or 12 digits."))],
    )
    kpp = forms.CharField(
        label=_("KPP"),
        required=False,
        validators=[RegexValidator(r"^\d{4}[\dA-Z]{2}\d{3}\Z", _("A KPP has 9 signs."))],
    )
    delivery = forms.ChoiceField(label=_("Delivery"))
    postal_code = forms.CharField(label=_("Postal code"), max_length=20, required=False)
    city = forms.CharField(label=_("City"), max_length=250, required=False)
    street = forms.CharField(label=_("Street, house, flat"), max_length=250, required=False)
    note = forms.CharField(
        label=_("Note"), max_length=2000, required=False, widget=forms.Textarea({"rows": 2})
    )
    code = forms.CharField(label=_("Voucher or gift card"), max_length=50, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["delivery"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101 - it is declared above
        self._pickups = {
            row.slug: row
            for row in Warehouse.objects.filter(slug__in=settings.ONEC_SANDBOX_PICKUPS)
        }
        field.choices = [
            *((slug, name) for slug, name, *_ in settings.ONEC_SANDBOX_DELIVERIES),
            *(
                (slug, _("To fetch: %(name)s") % {"name": row.name})
                for slug, row in self._pickups.items()
            ),
        ]

    def clean_phone(self) -> str:
        return e164(self.cleaned_data["phone"])

    def clean_code(self) -> str:
        code = str(self.cleaned_data["code"]).upper()
        if code and code not in {
            *settings.ONEC_SANDBOX_VOUCHERS,
            *settings.ONEC_SANDBOX_GIFT_CARDS,
        }:
            raise forms.ValidationError(_("There is no such code."))
        return code

    def clean(self) -> dict[str, Any]:
        values: dict[str, Any] = self.cleaned_data
        if values.get("delivery") not in self._pickups:
            for name in ("city", "street"):
                if not values.get(name):
                    self.add_error(name, _("Where do the goods go?"))
        return values

    def wishes(self) -> Wishes:
        """What was typed, once it is valid."""
        values = self.cleaned_data
        pickup = self._pickups.get(values["delivery"])
        company = {key: values[key] for key in ("inn", "kpp") if values[key]}
        address = Address(
            first_name=values["first_name"],
            last_name=values["last_name"],
            company=values["company"],
            street_1=values["street"],
            city=values["city"],
            postal_code=values["postal_code"],
            country_code="RU",
            country="Россия",
            phone=values["phone"],
            metadata=company,
        )
        return Wishes(
            email=values["email"].lower(),
            address=address,
            delivery="" if pickup else values["delivery"],
            pickup=pickup,
            note=values["note"],
            code=values["code"],
        )


def e164(phone: str) -> str:
    """A Russian number in E.164, anything else as it was typed."""
    digits = re.sub(r"\D", "", phone)
    if len(digits) == 11 and (digits[0] == "8" or phone.lstrip().startswith("+7")):
        return f"+7{digits[1:]}"
    return phone.strip()
