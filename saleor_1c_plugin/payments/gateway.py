"""What the plugins of providers do alike: settings by channel, the connection, notifications."""

from collections.abc import Mapping
from typing import Any, ClassVar

from django.core.handlers.wsgi import WSGIRequest
from django.http import HttpResponse
from django.utils.translation import gettext as _
from saleor.plugins.base_plugin import ConfigurationTypeField

from ..configuration import SettingsError
from ..language import gettext_lazy
from ..plugin import ConnectedPlugin
from ..store import current_payments
from . import intake
from .provider import AccessDenied, NoAnswer, Provider, Rejected, gateway_id

#: The setting by which :class:`~.sources.Sources` knows a proxy, for providers with networks.
ADDRESS_HEADER = (
    ConfigurationTypeField.STRING,
    "",
    gettext_lazy("Header with the address"),
    gettext_lazy(
        "Behind a proxy of yours: the header in which it says who is connected to it, as "
        "X-Forwarded-For. Empty: there is no proxy. Anybody can write a header that no proxy "
        "replaces."
    ),
)


class GatewayPlugin(ConnectedPlugin):
    """A provider; its notifications come to ``/plugins/<id of the plugin>/``."""

    CONFIGURATION_PER_CHANNEL = True
    DEFAULT_ACTIVE = False
    PROVIDER: ClassVar[Provider]
    #: Where it is said that the provider does not let us in.
    SECRET: ClassVar[str]

    @classmethod
    def save_plugin_configuration(cls, plugin_configuration: Any, cleaned_data: Any) -> Any:
        """Save what is given, and let Saleor know the gateway before a buyer asks for it."""
        saved = super().save_plugin_configuration(plugin_configuration, cleaned_data)
        if plugin_configuration.active:
            gateway = gateway_id(cls.PROVIDER.name)
            current_payments().ensure_gateway(gateway, cls.PROVIDER.title, switch_on=True)
        return saved

    def webhook(self, request: WSGIRequest, path: str, previous_value: Any) -> HttpResponse:
        """Take a notification. Those of all channels come here: the payment knows its own."""
        return intake.receive(self.PROVIDER, request)

    @classmethod
    def connect(cls, values: Mapping[str, object]) -> str:
        """What the provider says of the account."""
        try:
            return cls.PROVIDER.account(values).check_connection()
        except AccessDenied as error:
            raise SettingsError(
                {cls.SECRET: _("The provider does not accept the key: %(why)s") % {"why": error}}
            ) from error
        except Rejected as error:
            raise SettingsError({cls.SECRET: str(error)}) from error
        except NoAnswer as error:
            # Saved all the same: the provider may be back before the first buyer comes.
            return _("The provider could not be asked: %(why)s") % {"why": error}
