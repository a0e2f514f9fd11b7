"""The mini-shop with settings that change while its processes run, as a dashboard's do."""

import json
import os
from collections.abc import Mapping
from pathlib import Path

from saleor_1c_plugin.sandbox.store import SandboxStore

#: Variable that names the file of the settings.
FILE = "ONEC_TEST_SETTINGS"


class LiveStore(SandboxStore):
    """Reads the settings anew each time."""

    def configuration(self, plugin: str, channel: str = "") -> Mapping[str, object] | None:
        saved = json.loads(Path(os.environ[FILE]).read_text(encoding="utf-8"))
        usual = super().configuration(plugin, channel)
        # What is off stays so unless a test switches it on.
        return (
            usual
            if usual is None and plugin not in saved
            else {**(usual or {}), **saved.get(plugin, {})}
        )
