"""What the plugins of ways to pay past every provider do alike."""

from typing import Any, ClassVar

from django.core.handlers.wsgi import WSGIRequest
from django.http import HttpResponse, HttpResponseNotFound

from ..plugin import ConnectedPlugin
from .gateway import GatewayPlugin
from .offline import Offline


class OfflinePlugin(GatewayPlugin):
    """A gateway that nobody has to be connected to, and that takes no notifications."""

    PROVIDER: ClassVar[Offline]

    @classmethod
    def validate_plugin_configuration(cls, plugin_configuration: Any, **kwargs: Any) -> None:
        """Refuse settings that can't be used; nobody is asked what he says of them."""
        super(ConnectedPlugin, cls).validate_plugin_configuration(plugin_configuration, **kwargs)

    def webhook(self, request: WSGIRequest, path: str, previous_value: Any) -> HttpResponse:
        """Show a page, where there is one."""
        if request.method not in ("GET", "HEAD"):
            return HttpResponseNotFound()
        return self.PROVIDER.page(request, (path or "").strip("/"))
