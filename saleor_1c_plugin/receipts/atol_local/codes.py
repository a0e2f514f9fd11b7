"""Codes of the driver's errors (libfptr10): which of them are no fault of the receipt's.

A task that has ended in any of them has registered nothing: of one whose outcome is not known the
web server says so ("blocked"), until it has found it out.
"""

from enum import IntEnum


class Code(IntEnum):
    SHIFT_CLOSED = 73
    SHIFT_OPEN = 83


#: The register can't print or register anything just now; it can, once somebody has seen to it.
_OF_THE_REGISTER = frozenset(
    (
        *range(1, 5),  # no connection, a port that is busy
        *(10, 14),  # not configured, not loaded
        *(28, 29, 32, 34, 35, 36),  # date to be accepted, a report broken off, the clock
        *range(44, 48),  # paper, cover, printer
        55,  # busy
        *(68, 70, 73),  # the shift is older than 24 hours, or closed; memory is full
        *(77, 82, 89, 94, 95, 96),  # date; a receipt is open; not registered; license
        *(104, 105, 106, 107, 114),  # fiscal module, overheating
        *range(115, 125),  # the drive: exchange, state, faults, over, full
        132,  # power
        *range(135, 143),  # the drive: transport, keys, documents that were not sent, its shift
        *(150, 151, 159, 165, 166),  # cutter, a report broken off, interface, hardware, no drive
        *range(173, 183),  # reports broken off, clock, memory, chip
        *(188, 189),  # to be switched off and on; no license
        *(199, 203, 204),  # journal, a document to be cancelled
        *range(206, 211),  # settings and counters
        *(214, 221, 224, 225, 226),  # interfaces, archive closed, registration, update
        *(241, 242, 245),  # connection lost, counters, license
        *(402, 407, 418, 419, 421),  # the marking system is away, or its keys are to be renewed
        *(502, 503),  # broken off for an earlier error, a script of the driver's
        *range(601, 604),  # the remote driver
    )
)


def is_of_the_register(code: int) -> bool:
    """Whether the register has to be seen to, not the receipt."""
    return code in _OF_THE_REGISTER
