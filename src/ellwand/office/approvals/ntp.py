"""Whether the system's clock is synchronised, as its kernel says (ntp_adjtime of the C library)."""

import ctypes
import sys

from ellwand.office import setup

UNSYNCHRONISED = 0x0040
"""Flag STA_UNSYNC of the status."""
ERROR = 5
"""TIME_ERROR: the state of a clock that nobody steers."""


class _Timex(ctypes.Structure):
    _fields_ = (
        ("modes", ctypes.c_uint),
        ("offset", ctypes.c_long),
        ("freq", ctypes.c_long),
        ("maxerror", ctypes.c_long),
        ("esterror", ctypes.c_long),
        ("status", ctypes.c_int),
        # The rest is longer than what is known of any system.
        ("rest", ctypes.c_char * 512),
    )


def kernel() -> tuple[int, int] | None:
    """State and status of the kernel's clock; None where it does not tell. Nothing is set: modes is 0."""
    if sys.platform != "linux":
        return None
    asked = _Timex()
    try:
        state = ctypes.CDLL(None, use_errno=True).adjtimex(ctypes.byref(asked))
    except (OSError, AttributeError):
        return None
    return None if state < 0 else (int(state), int(asked.status))


def fault() -> str | None:
    """Why the instant of a release can't be promised; None if the clock is synchronised, or the office trusts it."""
    if setup.current().clock == "trusted":
        return None
    found = kernel()
    if found is None:
        return 'the system does not say whether its clock is synchronised; set clock = "trusted" if you know it is'
    state, status = found
    if state == ERROR or status & UNSYNCHRONISED:
        return (
            "the system's clock is not synchronised; start chrony or systemd-timesyncd and wait until it is, or set "
            'clock = "trusted" in settings.toml where another system keeps it'
        )
    return None
