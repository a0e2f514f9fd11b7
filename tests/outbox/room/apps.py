import json
import os

from django.apps import AppConfig

TOPIC = "loopback"
SECRET = "общий секрет"


class RoomConfig(AppConfig):
    name = "tests.outbox.room"

    def ready(self) -> None:
        from saleor_1c_plugin.outbox.http import post
        from saleor_1c_plugin.outbox.models import Message
        from saleor_1c_plugin.outbox.topics import register

        url = os.environ["ONEC_TEST_RECEIVER"]

        def deliver(message: Message) -> None:
            body = json.dumps({"object": message.object, **message.payload}).encode()
            post(url, body, key=message.key, secret=SECRET, timeout=0.5)

        register(TOPIC, deliver)
