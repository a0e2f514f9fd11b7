"""What Saleor asks of gateways, answered for all of ours.

One plugin for all channels, though each provider has one of its own for each channel: Saleor asks
those of a channel first and its own plugin, which serves apps of other processes, after them, and
that one does not pass on what others have answered. A plugin without channels comes after it.
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.core.handlers.wsgi import WSGIRequest
from django.db import transaction
from django.http import HttpResponse
from saleor.payment.interface import (
    PaymentGatewayData,
    TransactionActionData,
    TransactionSessionData,
    TransactionSessionResult,
)
from saleor.permission.enums import PaymentPermissions
from saleor.plugins.base_plugin import ConfigurationTypeField

from ..language import gettext_lazy as _
from ..plugin import OnecPlugin
from ..store import current_payments, current_store, promises
from ..store.payments import Action
from ..store.saleor import payments as saleor
from . import accounts, operations
from .provider import Provider, Status, by_gateway, gateway_id, providers
from .registry.pages import registries
from .sessions import Answer, Unusable, pay
from .settings import PaymentsSettings

_DEFAULT = PaymentsSettings()


class PaymentsPlugin(OnecPlugin):
    """Gateways of this package; each has its settings in a plugin of its own."""

    PLUGIN_ID = "saleor1c.payments"
    PLUGIN_NAME = _("1C: payments")
    PLUGIN_DESCRIPTION = _(
        "Takes payments by the providers that are switched on in their own plugins. Their "
        "registries, laid beside the store and 1C, are at "
        "https://<store>/plugins/saleor1c.payments/ for staff who may handle payments; they log in "
        "there with the e-mail and the password of the dashboard."
    )
    DEFAULT_ACTIVE = True
    SETTINGS = {
        "duplicates": (
            ConfigurationTypeField.STRING,
            _DEFAULT.duplicates.value,
            _("Payments made twice"),
            _(
                "When a second payment of the same order takes more than is owed. flag: it is "
                "shown, and staff decide; refund: what is too much is given back at once."
            ),
        ),
        "registry_hour": (
            ConfigurationTypeField.STRING,
            str(_DEFAULT.registry_hour),
            _("Registries are loaded, hour"),
            _(
                "From 0 to 23, by the clock of the documents for 1C. Once a day the providers are "
                "asked what they have moved."
            ),
        ),
        "registry_days": (
            ConfigurationTypeField.STRING,
            str(_DEFAULT.registry_days),
            _("Days of a registry that are loaded again"),
            _("From 1 to 31. Some entries come some days late, slow refunds above all."),
        ),
        "registry_to_onec": (
            ConfigurationTypeField.BOOLEAN,
            _DEFAULT.registry_to_onec,
            _("Registries to 1C"),
            _(
                "On: each day of a provider's account goes to 1C as a document “Other” with the "
                "sums of payments, refunds and fees; again only if it has changed."
            ),
        ),
    }

    @classmethod
    def check(cls, values: Mapping[str, object], *, active: bool) -> None:
        PaymentsSettings.from_configuration(values)

    def webhook(self, request: WSGIRequest, path: str, previous_value: Any) -> HttpResponse:
        """Show the report of registries to staff, and to nobody else."""
        return self.for_staff(request, PaymentPermissions.HANDLE_PAYMENTS, registries)

    def payment_gateway_initialize_session(
        self,
        amount: Decimal,
        payment_gateways: list[PaymentGatewayData] | None,
        source_object: Any,
        previous_value: Any,
    ) -> list[PaymentGatewayData]:
        """Offer our gateways to a storefront that asks for them, or for all."""
        asked = {gateway.app_identifier for gateway in payment_gateways or ()}
        offered = list(previous_value or ())
        for provider in providers().values():
            gateway = gateway_id(provider.name)
            if asked and gateway not in asked:
                continue
            account = accounts.of_channel(provider, source_object.channel.slug)
            if account is not None:
                current_payments().ensure_gateway(gateway, provider.title)
                data = {**account.offer(), "currency": source_object.currency}
                offered.append(PaymentGatewayData(app_identifier=gateway, data=data))
        return offered

    def transaction_initialize_session(
        self, transaction_session_data: TransactionSessionData, previous_value: Any
    ) -> Any:
        return _session(transaction_session_data, previous_value)

    def transaction_process_session(
        self, transaction_session_data: TransactionSessionData, previous_value: Any
    ) -> Any:
        return _session(transaction_session_data, previous_value)

    def transaction_charge_requested(
        self, transaction_data: TransactionActionData, previous_value: Any
    ) -> Any:
        return _action(Action.CHARGE, transaction_data, previous_value)

    def transaction_refund_requested(
        self, transaction_data: TransactionActionData, previous_value: Any
    ) -> Any:
        return _action(Action.REFUND, transaction_data, previous_value)

    def transaction_cancelation_requested(
        self, transaction_data: TransactionActionData, previous_value: Any
    ) -> Any:
        return _action(Action.CANCEL, transaction_data, previous_value)

    def order_cancelled(self, order: Any, previous_value: Any, **_: Any) -> Any:
        return _withdraw(order, previous_value)

    def order_expired(self, order: Any, previous_value: Any, **_: Any) -> Any:
        return _withdraw(order, previous_value)


def _withdraw(order: Any, previous: Any) -> Any:
    """Wait no more for what was promised for an order that nobody gets."""
    with current_store().writing(), transaction.atomic():
        promises.withdraw(saleor.promised(order.pk))
    return previous


def _session(data: TransactionSessionData, previous: Any) -> Any:
    gateway = data.payment_gateway_data.app_identifier
    provider = by_gateway(gateway)
    if provider is None:
        return previous
    session = saleor.session(data)
    try:
        with current_store().writing():
            response = _response(pay(provider, session))
    except Unusable as error:
        kind = "AUTHORIZATION" if session.authorise else "CHARGE"
        response = {"result": f"{kind}_FAILURE", "message": str(error)}
    return TransactionSessionResult(app_identifier=gateway, response=response)


def _response(answer: Answer) -> dict[str, object]:
    stage = "AUTHORIZATION" if answer.two_stage else "CHARGE"
    results = {
        None: f"{stage}_ACTION_REQUIRED",
        Status.PENDING: f"{stage}_ACTION_REQUIRED",
        Status.AUTHORISED: "AUTHORIZATION_SUCCESS",
        Status.CHARGED: "CHARGE_SUCCESS",
        Status.CANCELLED: f"{stage}_FAILURE",
    }
    response: dict[str, object] = {
        "result": results[answer.status],
        "amount": f"{answer.amount:f}",
        "message": answer.message,
        "actions": [action.value.upper() for action in answer.actions],
        "data": answer.data,
    }
    if answer.reference:
        response["pspReference"] = answer.reference
    if answer.method:
        response["paymentMethodDetails"] = {"type": "OTHER", "name": answer.method}
    return response


def _action(action: Action, data: TransactionActionData, previous: Any) -> Any:
    owner = data.transaction_app_owner
    provider: Provider | None = by_gateway(owner.identifier or "") if owner else None
    if provider is None:
        return previous
    # Together: a worker must not be done before it is written down that it was asked.
    with current_store().writing(), transaction.atomic():
        operation = operations.request(
            provider,
            str(data.transaction.token),
            action,
            saleor.asked_amount(data),
            str(data.event.pk),
        )
        if operation is None:
            saleor.refuse_action(data, "There is no such payment")
        else:
            saleor.begin_action(data, str(operation.pk))
    return previous
