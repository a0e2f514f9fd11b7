from django.apps import AppConfig


class PortalConfig(AppConfig):
    name = "saleor_1c_plugin.messaging.portal"
    label = "onec_messaging_portal"

    def ready(self) -> None:
        from ..channel import register
        from .channel import Notifications, Tasks

        register(Notifications())
        register(Tasks())
