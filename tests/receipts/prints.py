"""A shop whose receipts are shown to people."""

from typing import Any

SETTINGS = {
    "seller": "ООО «Ромашка»",
    "inn": "7707083893",
    "sender": "kassa@shop.example",
    "place": "https://shop.example",
    "since": "2020-01-01",
}


class Prints:
    """Its settings."""

    def __init__(self, settings: Any) -> None:
        self._settings = settings
        self.configure("receipts", **SETTINGS)

    def configure(self, plugin: str, **values: object) -> None:
        saved = self._settings.ONEC_CONFIGURATION
        self._settings.ONEC_CONFIGURATION = {
            **saved,
            plugin: {**(saved.get(plugin) or {}), **values},
        }

    def switch_off(self, plugin: str) -> None:
        self._settings.ONEC_CONFIGURATION = {**self._settings.ONEC_CONFIGURATION, plugin: None}
