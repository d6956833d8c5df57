"""Before the site: finished answers for the many who read the same page in the minute of a release, and their weight.

An answer is kept for a second, and never beyond the next instant at which anything becomes public, so that no reader
gets what was latest before it. It is made without the reader's cookies, so that it is everybody's; whatever says that
it is somebody's own (a form, the office) is made for him each time, and never packed, because a secret in a packed
answer can be guessed from its size.
"""

import gzip
import hashlib
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from django.db import Error, close_old_connections

from ellwand.office import clock
from ellwand.office.record import reading

Environ = dict[str, Any]
Headers = list[tuple[str, str]]
Start = Callable[..., Any]
Application = Callable[[Environ, Start], Iterable[bytes]]

KEEP = 1.0
"""Seconds for which an answer is kept."""
MOST = 96 << 20
"""Bytes that are kept in all."""
LARGEST = 4 << 20
"""Bytes of the largest answer that is kept or packed."""
QUICK = 3
"""How hard an answer that is made each time is packed: a sixth larger than a page, in less than half the time."""
PACKS = 64
"""Packed bodies of such answers that are kept."""
LEAST = 600
"""Bytes below which packing does not pay."""
OWN = ("/office/", "/accounts/", "/r/", "/i18n/")
"""Addresses of what is somebody's own."""
COUNTED = ("/api/", "/sdmx/")
"""Addresses whose answers state what is left of the reader's share: packed, and made each time."""
PACKED = ("text/", "application/json", "application/ld+json", "application/xml", "application/atom+xml",
          "application/javascript", "application/vnd.sdmx", "application/problem+json", "image/svg+xml")  # fmt: skip


@dataclass
class Answer:
    """A finished answer. since, until : between which it is given. packed : by gzip, None where that does not pay.
    is_large : it is a file that is too large to be kept; its body was not read.
    """

    status: str
    headers: Headers
    body: bytes
    packed: bytes | None = None
    since: float = 0.0
    until: float = 0.0
    is_large: bool = False

    def get(self, name: str) -> str:
        """A header, "" for none."""
        return next((v for k, v in self.headers if k.lower() == name), "")

    @property
    def is_everybodys(self) -> bool:
        """Whether every reader may get it."""
        rule = self.get("cache-control").lower()
        if self.get("set-cookie") or "no-store" in rule or "private" in rule or not self.status.startswith("200"):
            return False
        return "cookie" not in self.get("vary").lower() and not self.is_large

    def pack(self, level: int = 6) -> None:
        """Pack the body where that pays. level : how hard to try, of `gzip`."""
        kind = self.get("content-type")
        if kind.startswith(PACKED) and LEAST < len(self.body) <= LARGEST and not self.get("content-encoding"):
            # No time of making in it: equal pages are equal bytes.
            self.packed = gzip.compress(self.body, level, mtime=0)


@dataclass
class Front:
    """The application behind, with what was finished before it."""

    behind: Application
    kept: "OrderedDict[tuple[str, ...], Answer]" = field(default_factory=OrderedDict)
    packs: "OrderedDict[tuple[str, str], bytes]" = field(default_factory=OrderedDict)
    own: set[str] = field(default_factory=set)
    size: int = 0

    def __post_init__(self) -> None:
        self._lock = threading.Lock()
        self._making: dict[tuple[str, ...], threading.Lock] = {}
        self._next: tuple[float, float] = (0.0, 0.0)

    def __call__(self, environ: Environ, start: Start) -> Iterable[bytes]:
        """Answer a request."""
        path = environ.get("PATH_INFO", "/")
        if environ["REQUEST_METHOD"] not in ("GET", "HEAD") or path.startswith(OWN) or path in self.own:
            return self.behind(environ, start)
        if path.startswith(COUNTED):
            answer = self._made(environ)
            if answer.is_large:
                return self.behind(environ, start)
            self._pack_once(answer)
            return _give(environ, start, answer, conditional=False)
        key = _key(environ, path)
        answer_ = self._fresh(key)
        if answer_ is None:
            with self._lock:
                making = self._making.setdefault(key, threading.Lock())
            # Of many who ask for the same at once, one has it made, and the others wait for it.
            with making:
                answer_ = self._fresh(key) or self._make(environ, key)
            with self._lock:
                self._making.pop(key, None)
        if answer_.is_large or (answer_.status.startswith("200") and not answer_.is_everybodys):
            # It was made without the reader's cookies and conditions, and is one of those that want them.
            with self._lock:
                if len(self.own) < 1000:
                    self.own.add(path)
            return self.behind(environ, start)
        return _give(environ, start, answer_)

    def _pack_once(self, answer: Answer) -> None:
        """Pack an answer that is made each time. What has the same tag holds the same bytes, and was packed before."""
        key = (answer.get("etag"), answer.get("content-type"))
        with self._lock:
            answer.packed = self.packs.get(key)
        if answer.packed is None:
            answer.pack(QUICK)
            if key[0] and answer.packed is not None:
                with self._lock:
                    self.packs[key] = answer.packed
                    while len(self.packs) > PACKS:
                        self.packs.popitem(last=False)

    def _fresh(self, key: tuple[str, ...]) -> Answer | None:
        with self._lock:
            found = self.kept.get(key)
            # A clock that was set back lies before what was made since: that may not be public yet.
            if found is None or not found.since <= _now() < found.until:
                return None
            self.kept.move_to_end(key)
            return found

    def _make(self, environ: Environ, key: tuple[str, ...]) -> Answer:
        begun = _now()
        bare = {k: v for k, v in environ.items() if k not in ("HTTP_COOKIE", "HTTP_IF_NONE_MATCH",
                                                              "HTTP_IF_MODIFIED_SINCE", "HTTP_RANGE")}  # fmt: skip
        answer = self._made({**bare, "REQUEST_METHOD": "GET"})
        if not answer.is_everybodys:
            return answer
        answer.pack()
        if not answer.get("etag"):
            answer.headers.append(("ETag", f'"{hashlib.blake2b(answer.body, digest_size=12).hexdigest()}"'))
        answer.since, answer.until = begun, min(begun + KEEP, self._next_instant(begun))
        with self._lock:
            old = self.kept.pop(key, None)
            self.size += _weight(key, answer) - (_weight(key, old) if old else 0)
            self.kept[key] = answer
            while self.size > MOST:
                self.size -= _weight(*self.kept.popitem(last=False))
        return answer

    def _made(self, environ: Environ) -> Answer:
        said: list[Any] = []

        def start(status: str, headers: Headers, _: Any = None) -> None:
            said[:] = [status, list(headers)]

        # What sends a file by itself would go past us.
        parts = self.behind({k: v for k, v in environ.items() if k != "wsgi.file_wrapper"}, start)
        try:
            made = Answer(said[0], said[1], b"")
            made.is_large = int(made.get("content-length") or 0) > LARGEST
            if not made.is_large:
                made.body = b"".join(parts)
        finally:
            if hasattr(parts, "close"):
                parts.close()
        return made

    def _next_instant(self, begun: float) -> float:
        """The next instant, asked of the record once a second."""
        asked, found = self._next
        if not asked <= begun < min(asked + KEEP, found):
            close_old_connections()
            try:
                at = reading.next_instant()
            except Error:
                # The record does not answer; then nothing is kept.
                return begun
            finally:
                close_old_connections()
            found = at.timestamp() if at else float("inf")
            self._next = (begun, found)
        return found


def _now() -> float:
    return clock.now().timestamp()


def _weight(key: tuple[str, ...], answer: Answer) -> int:
    # A question may be longer than its answer.
    return len(answer.body) + len(answer.packed or b"") + sum(map(len, key)) + 500


def _key(environ: Environ, path: str) -> tuple[str, ...]:
    names = ("QUERY_STRING", "HTTP_HOST", "HTTP_ACCEPT", "HTTP_X_FORWARDED_PROTO", "HTTP_X_FORWARDED_HOST")
    return (path, environ.get("wsgi.url_scheme", ""), *(environ.get(n, "") for n in names))


def _give(environ: Environ, start: Start, answer: Answer, *, conditional: bool = True) -> Iterable[bytes]:
    headers = [(k, v) for k, v in answer.headers if k.lower() != "content-length"]
    tag = answer.get("etag")
    body = answer.body
    if answer.packed is not None:
        headers = [(k, v) for k, v in headers if k.lower() != "vary"]
        vary = [v.strip() for v in answer.get("vary").split(",") if v.strip()]
        headers.append(("Vary", ", ".join(dict.fromkeys([*vary, "Accept-Encoding"]))))
        if _takes_gzip(environ.get("HTTP_ACCEPT_ENCODING", "")):
            body = answer.packed
            headers.append(("Content-Encoding", "gzip"))
            if tag and not tag.startswith("W/"):
                # The packed body is another row of bytes of the same content.
                headers = [(k, f"W/{v}" if k.lower() == "etag" else v) for k, v in headers]
    if conditional and tag and _holds(environ.get("HTTP_IF_NONE_MATCH", ""), tag):
        start("304 Not Modified", [(k, v) for k, v in headers if k.lower() not in ("content-type", "content-encoding")])
        return []
    headers.append(("Content-Length", str(len(body))))
    start(answer.status, headers)
    return [] if environ["REQUEST_METHOD"] == "HEAD" else [body]


def _takes_gzip(accepted: str) -> bool:
    for part in accepted.lower().split(","):
        name, _, quality = part.strip().partition(";")
        if name.strip() in ("gzip", "*"):
            return quality.replace(" ", "") not in ("q=0", "q=0.0", "q=0.00", "q=0.000")
    return False


def _holds(given: str, tag: str) -> bool:
    plain = tag.removeprefix("W/")
    return any(one.strip() in ("*", plain, f"W/{plain}") for one in given.split(",")) if given else False
