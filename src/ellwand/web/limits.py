"""How much one address may read in a minute, so that everybody gets his share; who wants everything takes the files."""

import fcntl
import hashlib
import mmap
import os
import struct
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from allauth.account.adapter import get_adapter
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from ellwand.office import setup
from ellwand.office.shared import folder
from ellwand.web.problems import ProblemError

WINDOW = 60
"""Seconds for which requests are counted."""


@dataclass(frozen=True)
class Share:
    """What an address may still read. limit : requests in a window, 0 for no limit. reset : seconds to the next one."""

    limit: int
    used: int
    reset: int

    @property
    def is_over(self) -> bool:
        """Whether this request is one too many."""
        return bool(self.limit) and self.used > self.limit

    def tell(self, answer: HttpResponseBase) -> None:
        """State the share in the headers of an answer."""
        if not self.limit:
            return
        answer["RateLimit-Policy"] = f"{self.limit};w={WINDOW}"
        answer["RateLimit-Limit"] = str(self.limit)
        answer["RateLimit-Remaining"] = str(max(0, self.limit - self.used))
        answer["RateLimit-Reset"] = str(self.reset)
        if self.is_over:
            answer["Retry-After"] = str(self.reset)

    @property
    def problem(self) -> ProblemError:
        """What is said to who reads too much."""
        return ProblemError(
            "too-many-requests", field="", value="",
            rule=(f"每个地址每分钟最多 {self.limit} 次请求", f"an address may send {self.limit} requests a minute"),
            remedy=(
                f"{self.reset} 秒后再试；要全部数据请下载文件 /data/price.csv",
                f"try again in {self.reset} s; for everything take the file /data/price.csv",
            ),
        )  # fmt: skip


def share_of(request: HttpRequest) -> Share:
    """The share of the address that a request comes from; this request counts."""
    limit = setup.current().requests_per_minute
    now = time.time()
    window = int(now) // WINDOW
    reset = max(1, (window + 1) * WINDOW - int(now))
    if not limit:
        return Share(0, 0, reset)
    try:
        address = get_adapter().get_client_ip(request)
    except PermissionDenied:
        # A server that does not say from where: all of those share.
        address = ""
    return Share(limit, _COUNT.one_more(address, window), reset)


SLOTS, TRIED = 1 << 16, 16
"""Addresses that are counted at once, and the places in which one may stand."""
SLOT = struct.Struct("<8sII")
"""A place: a name of the address, the window, and the requests in it."""


class _Count:
    """Requests by address in the window that runs, in a table of fixed size that all processes of the office share.

    It is apart from the cache of the office, so that no flood of readers slows the limits of signing in. Addresses
    stand in it by names that are made with a key of the office, and are written over by those of the next windows.
    """

    def __init__(self, *, shared: bool = False) -> None:
        self.lock = threading.Lock()
        self.shared = shared
        self.place = ""
        self.handle = -1
        self.table: Any = mmap.mmap(-1, SLOTS * SLOT.size)

    def one_more(self, address: str, window: int) -> int:
        """How many requests the address has sent in the window, this one included."""
        home = setup.current()
        key = home.secret_key.encode()[:64]
        name = hashlib.blake2b(address.encode(), digest_size=8, key=key).digest()
        first = int.from_bytes(name, "little") % SLOTS
        with self.lock, self._alone(home.path):
            best, least = 0, 1 << 32
            for k in range(TRIED):
                at = (first + k) % SLOTS * SLOT.size
                who, when, used = SLOT.unpack_from(self.table, at)
                if who == name and when == window:
                    SLOT.pack_into(self.table, at, name, window, used + 1)
                    return int(used) + 1
                used = used if when == window else -1
                if used < least:
                    best, least = at, used
            # A free place, or in a flood that of who has read least.
            SLOT.pack_into(self.table, best, name, window, 1)
            return 1

    @contextmanager
    def _alone(self, path: Path) -> Iterator[None]:
        """Keep other processes out meanwhile; the table is that of the office in use."""
        if not self.shared:
            yield
            return
        if self.place != str(path):
            if self.handle >= 0:
                os.close(self.handle)
            self.handle = os.open(folder() / "readers", os.O_RDWR | os.O_CREAT, 0o600)
            os.ftruncate(self.handle, SLOTS * SLOT.size)
            self.table, self.place = mmap.mmap(self.handle, SLOTS * SLOT.size), str(path)
        fcntl.flock(self.handle, fcntl.LOCK_EX)
        try:
            yield
        finally:
            fcntl.flock(self.handle, fcntl.LOCK_UN)


_COUNT = _Count(shared=True)
