"""Tells a shop what happened; the demo has stand-ins, too."""

from saleor_1c_plugin.sandbox.standins.notifier import Delivery, Notifier

__all__ = ["Delivery", "Notifier"]
