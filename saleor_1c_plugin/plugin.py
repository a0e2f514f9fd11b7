"""What the plugins of this package do alike when Saleor saves their settings."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, ClassVar

from django.contrib.sites.models import Site
from django.core.exceptions import ValidationError
from django.core.handlers.wsgi import WSGIRequest
from django.http import HttpRequest, HttpResponse, HttpResponseNotFound
from django.utils.translation import gettext as _
from saleor.account.throttling import authenticate_with_throttling
from saleor.plugins.base_plugin import BasePlugin, ConfigurationTypeField
from saleor.plugins.error_codes import PluginErrorCode

from .configuration import SettingsError
from .http_basic import credentials
from .language import host_language
from .store import current_store

#: What a box may be set to; without a value it stays as it is.
_FLAGS = ("true", "false", "True", "False", True, False, None)


#: Of the ids that Saleor knows the plugins by; this package's own names are without it.
_PREFIX = "saleor1c."
#: Key of the field that shows what another service said when the settings were saved.
CONNECTION = "connection"
#: Key → type, value by default, label, help text; in the order of the dashboard.
type Settings = Mapping[str, tuple[str, object, Any, Any]]


class OnecPlugin(BasePlugin):
    """A plugin whose configuration is checked as a whole whenever it is saved."""

    CONFIGURATION_PER_CHANNEL = False
    SETTINGS: ClassVar[Settings] = {}

    def __init_subclass__(cls) -> None:
        """Tell Saleor of the settings as it wants to be told."""
        super().__init_subclass__()
        cls.DEFAULT_CONFIGURATION = [
            {"name": name, "value": value}
            for name, (_type, value, _label, _help) in cls.SETTINGS.items()
        ]
        cls.CONFIG_STRUCTURE = {
            name: {"type": kind, "label": label, "help_text": help_text}
            for name, (kind, _value, label, help_text) in cls.SETTINGS.items()
        }

    def __str__(self) -> str:
        # The name is a lazy translation, and that is no `str`.
        return str(self.PLUGIN_NAME)

    @classmethod
    def check(cls, values: Mapping[str, object], *, active: bool) -> None:
        """Say whether the settings can be used.

        Raises
        ------
        SettingsError
            They can't.
        """
        raise NotImplementedError

    @classmethod
    def save_plugin_configuration(cls, plugin_configuration: Any, cleaned_data: Any) -> Any:
        """Save what is given.

        An empty password keeps the stored one: it is what the API shows instead of a password,
        and what a form therefore sends back with every other change.
        """
        given: Sequence[Mapping[str, Any]] = cleaned_data.get("configuration") or ()
        with host_language(), as_validation_error():
            cls._require_understood(given)
        kept = [
            item
            for item in given
            if item.get("value") or cls._type_of(item["name"]) != ConfigurationTypeField.PASSWORD
        ]
        return super().save_plugin_configuration(
            plugin_configuration, {**cleaned_data, "configuration": kept}
        )

    @classmethod
    def validate_plugin_configuration(cls, plugin_configuration: Any, **kwargs: Any) -> None:
        """Refuse settings that can't be used, each with its reason."""
        values = {row["name"]: row.get("value") for row in plugin_configuration.configuration}
        with host_language(), as_validation_error():
            cls.check(values, active=plugin_configuration.active)

    @property
    def is_on(self) -> bool:
        """Whether it has pages for staff.

        Where each channel has settings of its own, in some channel: the address names none.
        """
        if self.CONFIGURATION_PER_CHANNEL:
            name = self.PLUGIN_ID.removeprefix(_PREFIX)
            return bool(current_store().configurations(name))
        return bool(self.active)

    def for_staff(
        self,
        request: WSGIRequest,
        permission: Any,
        page: Callable[[HttpRequest, str], HttpResponse],
    ) -> HttpResponse:
        """Show a page of the plugin's to staff with a permission of Saleor's, and to nobody else.

        Parameters
        ----------
        page
            Takes the request and who was let in: the e-mail, for people have to know it again.
        """
        if not self.is_on:
            return HttpResponseNotFound()
        user = _staff(request)
        if user is None or not user.has_perm(permission):
            response = HttpResponse(status=401)
            response["WWW-Authenticate"] = 'Basic realm="Saleor", charset="UTF-8"'
            return response
        return page(request, user.email)

    @classmethod
    def _require_understood(cls, given: Sequence[Mapping[str, Any]]) -> None:
        """Refuse what Saleor would leave out, or take for ``false``, without a word."""
        faults = {}
        for item in given:
            name, value = item["name"], item.get("value")
            kind = cls._type_of(name)
            if kind is None:
                faults[name] = _("There is no setting “%(name)s”.") % {"name": name}
            elif kind == ConfigurationTypeField.BOOLEAN and value not in _FLAGS:
                faults[name] = _("Write true or false.")
        if faults:
            raise SettingsError(faults)

    @classmethod
    def _type_of(cls, name: str) -> str | None:
        structure: Mapping[str, Mapping[str, str]] = cls.CONFIG_STRUCTURE
        return structure[name]["type"] if name in structure else None


class ConnectedPlugin(OnecPlugin):
    """A plugin whose settings are tried out at another service before they are saved."""

    @classmethod
    def connect(cls, values: Mapping[str, object]) -> str:
        """What the service has said, for the field that shows it.

        Raises
        ------
        SettingsError
            It does not let us in.
        """
        raise NotImplementedError

    @classmethod
    def validate_plugin_configuration(cls, plugin_configuration: Any, **kwargs: Any) -> None:
        """Refuse settings that can't be used, or with which the service does not let us in."""
        super().validate_plugin_configuration(plugin_configuration, **kwargs)
        if not plugin_configuration.active:
            return
        rows = plugin_configuration.configuration
        with host_language(), as_validation_error():
            said = cls.connect({row["name"]: row.get("value") for row in rows})
        rows[:] = [row for row in rows if row["name"] != CONNECTION]
        rows.append({"name": CONNECTION, "value": said})


@contextmanager
def as_validation_error() -> Iterator[None]:
    """Tell Saleor what is wrong, setting by setting."""
    try:
        yield
    except SettingsError as error:
        code = PluginErrorCode.INVALID.value
        raise ValidationError(
            {name: ValidationError(why, code=code) for name, why in error.faults.items()}
        ) from error


def _staff(request: WSGIRequest) -> Any:
    """Who logs in with the dashboard's e-mail and password, as a browser asks for them.

    Too many failures close the way for a while, here as at Saleor's own login, and so does the
    site's setting that nobody (or no staff) logs in with a password.
    """
    given = credentials(request)
    site: Any = Site.objects.get_current()
    # Saleor 3.22 has no such setting.
    mode = getattr(site.settings, "password_login_mode", "enabled")
    if given is None or mode != "enabled":
        return None
    try:
        name, password = (part.decode() for part in given)
        user = authenticate_with_throttling(request, name, password)
    except (UnicodeDecodeError, ValidationError):
        return None
    return user if user is not None and user.is_active and user.is_staff else None
