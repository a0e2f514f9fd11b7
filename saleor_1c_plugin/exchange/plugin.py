"""The exchange as a plugin of Saleor's: its settings in the dashboard, its address."""

from collections.abc import Mapping
from typing import Any

from django.core.handlers.wsgi import WSGIRequest
from django.http import HttpResponseNotFound
from django.http.response import HttpResponseBase
from saleor.plugins.base_plugin import ConfigurationTypeField

from ..language import gettext_lazy as _
from ..plugin import OnecPlugin
from .server import serve
from .settings import ExchangeSettings

_DEFAULT = ExchangeSettings(login="1c")


class ExchangePlugin(OnecPlugin):
    """1C's web exchange at ``/plugins/saleor1c.exchange/``."""

    PLUGIN_ID = "saleor1c.exchange"
    PLUGIN_NAME = _("1C: exchange")
    PLUGIN_DESCRIPTION = _(
        "Takes 1C's exchange with a site. The address to type into 1C is "
        "https://<store>/plugins/saleor1c.exchange/ with the slash at its end."
    )
    DEFAULT_ACTIVE = False
    SETTINGS = {
        "login": (
            ConfigurationTypeField.STRING,
            _DEFAULT.login,
            _("Login"),
            _("User name that is typed into 1C's settings of the exchange."),
        ),
        "password": (
            ConfigurationTypeField.PASSWORD,
            _DEFAULT.password,
            _("Password"),
            _(
                "Nobody gets in without one. It is never shown again; "
                "an empty field keeps the one that is saved."
            ),
        ),
        "encoding": (
            ConfigurationTypeField.STRING,
            _DEFAULT.encoding,
            _("Encoding of the answers"),
            _(
                "utf-8 or windows-1251. Take the other one where 1C shows the site's answers "
                "as unreadable signs. Files are read in the encoding that their first line names."
            ),
        ),
        "use_zip": (
            ConfigurationTypeField.BOOLEAN,
            _DEFAULT.use_zip,
            _("Take ZIP archives"),
            _("1C then sends its files packed: several times less to transfer."),
        ),
        "file_limit_mb": (
            ConfigurationTypeField.STRING,
            str(_DEFAULT.file_limit_mb),
            _("Largest part, MB"),
            _(
                "1C sends larger files in parts of this size, from 1 to 1024. The web server in "
                "front of the store must let 1 MB more through (nginx: client_max_body_size)."
            ),
        ),
        "dry_run": (
            ConfigurationTypeField.BOOLEAN,
            _DEFAULT.dry_run,
            _("Dry run"),
            _(
                "Every exchange is taken and worked off, the journal tells what would change, "
                "and nothing in the store does."
            ),
        ),
    }

    @classmethod
    def check(cls, values: Mapping[str, object], *, active: bool) -> None:
        settings = ExchangeSettings.from_configuration(values)
        if active:
            settings.require_login()

    def webhook(self, request: WSGIRequest, path: str, previous_value: Any) -> HttpResponseBase:
        """Answer 1C, at whatever path below the plugin's address."""
        return serve(request) if self.active else HttpResponseNotFound()
