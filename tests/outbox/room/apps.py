import json
import os
from datetime import timedelta

from django.apps import AppConfig

TOPIC = "loopback"
SECRET = "общий секрет"


class RoomConfig(AppConfig):
    name = "tests.outbox.room"

    def ready(self) -> None:
        from saleor_1c_plugin.outbox.http import post
        from saleor_1c_plugin.outbox.models import Message
        from saleor_1c_plugin.outbox.regular import regular
        from saleor_1c_plugin.outbox.topics import register

        from .tasks import tick

        url = os.environ.get("ONEC_TEST_RECEIVER", "")

        def deliver(message: Message) -> None:
            body = json.dumps({"object": message.object, **message.payload}).encode()
            post(url, body, key=message.key, secret=SECRET, timeout=0.5)

        register(TOPIC, deliver)
        regular("tick of the tests", tick, timedelta(seconds=1))
