"""The protocol of QIWI's bills ("universal payment protocol"), for whoever speaks it.

QIWI's own wallet is shut: its bank's licence was withdrawn in February 2024. So there is no address
by default: the host names the service that speaks the protocol, or there is no such gateway.
"""
