"""What all sub-commands share: the parser that speaks in one line, whole numbers, and progress."""

import argparse
import sys
import time
from typing import NoReturn

QUIET = 2.0
"""Seconds after which progress is shown."""


class Parser(argparse.ArgumentParser):
    """Bad words on the command line get one line and exit status 2."""

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"{self.prog}: {message}; see {self.prog} --help\n")


class Progress:
    """Progress on standard error for whatever takes more than two seconds."""

    def __init__(self) -> None:
        self.start = time.monotonic()
        self.shown = 0.0

    def __call__(self, done: int, total: int, what: str) -> None:
        now = time.monotonic()
        if now - self.start < QUIET or (now - self.shown < 0.5 and done < total):
            return
        self.shown = now
        print(f"  {done:,} of {total:,} {what} ({now - self.start:.0f} s)", file=sys.stderr, flush=True)


def whole(text: str) -> int:
    """A whole number, written as 10000, 10_000 or 10,000."""
    return int(text.replace("_", "").replace(",", ""))
