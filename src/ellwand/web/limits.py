"""How much one address may read in a minute, so that everybody gets his share; who wants everything takes the files."""

import threading
import time
from dataclasses import dataclass

from allauth.account.adapter import get_adapter
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from ellwand.office import setup
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


class _Count:
    """Requests by address in the window that runs. Who serves is one process, so this is kept in it.

    It is apart from the cache of the office, so that no flood of readers pushes the limits of signing in out of that.
    """

    MOST = 100_000

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.window = 0
        self.used: dict[str, int] = {}

    def one_more(self, address: str, window: int) -> int:
        """How many requests the address has sent in the window, this one included."""
        with self.lock:
            if window != self.window or len(self.used) > self.MOST:
                self.window, self.used = window, {}
            self.used[address] = used = self.used.get(address, 0) + 1
            return used


_COUNT = _Count()
