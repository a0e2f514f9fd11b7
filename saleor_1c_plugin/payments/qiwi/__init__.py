"""The protocol of QIWI's bills ("universal payment protocol"), for whoever speaks it.

QIWI's own wallet is shut: its bank's licence was withdrawn in February 2024. So there is no address
by default: the host names the service that speaks the protocol, or there is no such gateway.

There is no registry: the protocol tells of a bill by its id, and lists none. The history of a
wallet was another API, by a person's token, and QIWI issues no such tokens any more.
"""
