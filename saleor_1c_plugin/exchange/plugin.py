"""The exchange as a plugin of Saleor's: its settings in the dashboard, its address."""

from typing import Any

from django.core.exceptions import ValidationError
from django.core.handlers.wsgi import WSGIRequest
from django.http import HttpResponse, HttpResponseNotFound
from django.utils.translation import gettext as _
from saleor.plugins.base_plugin import BasePlugin, ConfigurationTypeField
from saleor.plugins.error_codes import PluginErrorCode

from .server import serve
from .settings import ENCODINGS


class ExchangePlugin(BasePlugin):
    """1C's web exchange at ``/plugins/saleor1c.exchange/``."""

    PLUGIN_ID = "saleor1c.exchange"
    PLUGIN_NAME = "1C: exchange"
    PLUGIN_DESCRIPTION = (
        "The address for 1C's site exchange is /plugins/saleor1c.exchange/ of this store."
    )
    DEFAULT_ACTIVE = False
    CONFIGURATION_PER_CHANNEL = False
    DEFAULT_CONFIGURATION = [
        {"name": "login", "value": "1c"},
        {"name": "password", "value": ""},
        {"name": "encoding", "value": "utf-8"},
        {"name": "use_zip", "value": True},
        {"name": "file_limit_mb", "value": "16"},
        {"name": "dry_run", "value": False},
    ]
    CONFIG_STRUCTURE = {
        "login": {
            "type": ConfigurationTypeField.STRING,
            "label": "Login",
            "help_text": "User name that is typed into 1C's exchange settings.",
        },
        "password": {
            "type": ConfigurationTypeField.PASSWORD,
            "label": "Password",
            "help_text": "Without a password every log-in is refused. It is never shown again.",
        },
        "encoding": {
            "type": ConfigurationTypeField.STRING,
            "label": "Encoding of answers",
            "help_text": "utf-8 or windows-1251; old configurations of 1C expect the latter.",
        },
        "use_zip": {
            "type": ConfigurationTypeField.BOOLEAN,
            "label": "Accept ZIP packages",
            "help_text": "1C then sends the files packed, which is faster.",
        },
        "file_limit_mb": {
            "type": ConfigurationTypeField.STRING,
            "label": "Largest part, MB",
            "help_text": "1C splits larger files. Not above what your proxy lets through.",
        },
        "dry_run": {
            "type": ConfigurationTypeField.BOOLEAN,
            "label": "Dry run",
            "help_text": "Journal what would change, and change nothing.",
        },
    }

    def webhook(self, request: WSGIRequest, path: str, previous_value: Any) -> HttpResponse:
        """Answer 1C, at whatever path below the plugin's address."""
        return serve(request) if self.active else HttpResponseNotFound()

    @classmethod
    def validate_plugin_configuration(cls, plugin_configuration: Any, **kwargs: Any) -> None:
        """Refuse settings that the exchange could not work with."""
        values = {row["name"]: row["value"] for row in plugin_configuration.configuration}
        errors = {}
        if plugin_configuration.active and not (values.get("login") and values.get("password")):
            errors["password"] = _("Set a login and a password before the exchange is active.")
        if str(values.get("encoding") or "utf-8").lower() not in ENCODINGS:
            errors["encoding"] = _("The encoding is utf-8 or windows-1251.")
        limit = str(values.get("file_limit_mb") or "16")
        if not limit.isdigit() or not 1 <= int(limit) <= 1024:
            errors["file_limit_mb"] = _("The largest part is given in whole megabytes, 1 to 1024.")
        if errors:
            raise ValidationError(
                {
                    name: ValidationError(text, code=PluginErrorCode.INVALID.value)
                    for name, text in errors.items()
                }
            )
