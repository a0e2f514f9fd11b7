"""What goes over the wire; the demo has stand-ins, too."""

from saleor_1c_plugin.sandbox.standins.messages import Answer, Request

__all__ = ["Answer", "Request"]
