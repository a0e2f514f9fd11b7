"""What goes wrong between a shop and a provider; the demo has stand-ins, too."""

from saleor_1c_plugin.sandbox.standins.faults import Fault, Faults

__all__ = ["Fault", "Faults"]
