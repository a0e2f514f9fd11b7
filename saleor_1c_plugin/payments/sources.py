"""From where notifications may come, where a provider publishes its networks."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network

from django.utils.translation import gettext as _

from ..configuration import Configuration

type Network = IPv4Network | IPv6Network


def networks(text: str) -> tuple[Network, ...]:
    """Addresses and networks, by blanks, lines or commas.

    Raises
    ------
    ValueError
        Something else is among them.
    """
    return tuple(ip_network(item) for item in text.replace(",", " ").split())


@dataclass(frozen=True, slots=True)
class Sources:
    """Networks that are trusted; none: all are."""

    networks: tuple[Network, ...] = ()
    #: In which a proxy of the merchant's own says who is connected to it; lower case.
    address_header: str = ""

    @classmethod
    def read(cls, values: Configuration, otherwise: str) -> "Sources":
        """Of the settings ``networks``, by default `otherwise`, and ``address_header``."""
        found: tuple[Network, ...] = ()
        try:
            found = networks(values.text("networks", otherwise))
        except ValueError:
            values.refuse("networks", _("Write addresses or networks, one a line: 185.71.76.0/27."))
        header = values.text("address_header").lower()
        if not re.fullmatch(r"[a-z0-9-]*", header):
            values.refuse("address_header", _("Write the name of a header, as X-Real-IP."))
        return cls(found, header)

    def have(self, source: str, headers: Mapping[str, str]) -> bool:
        """Whether it comes from there.

        Parameters
        ----------
        source
            IP address of whoever is connected.
        headers
            By lower-case names.
        """
        if not self.networks:
            return True
        if self.address_header:
            # The last address is the one that the merchant's own proxy has written.
            source = headers.get(self.address_header, "").rpartition(",")[2].strip()
        try:
            found = ip_address(source)
        except ValueError:
            return False
        mapped = getattr(found, "ipv4_mapped", None)
        return any((mapped or found) in network for network in self.networks)
