"""Questions that are asked once: within one request, or for as long as nobody adds a row to the tables they read."""

from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import wraps
from threading import Lock
from typing import Any, ParamSpec, TypeVar

from django.db import connection

from ellwand.office import setup
from ellwand.office.append_only import AppendOnly

P = ParamSpec("P")
R = TypeVar("R")

_request: ContextVar[dict[Any, Any] | None] = ContextVar("request", default=None)


@contextmanager
def request() -> Iterator[None]:
    """What is asked within the block is asked once, so that an answer never mixes two states of the record."""
    if _request.get() is not None:
        yield
        return
    token = _request.set({})
    try:
        yield
    finally:
        _request.reset(token)


def once(function: Callable[P, R]) -> Callable[P, R]:
    """Let a function be called once a request for the same arguments, which name all that it depends on.

    Outside a request it is called each time. Nobody may change what it returns.
    """

    @wraps(function)
    def asked(*args: P.args, **parts: P.kwargs) -> R:
        known = _request.get()
        if known is None:
            return function(*args, **parts)
        key = (function, args, tuple(parts.items()))
        if key not in known:
            known[key] = function(*args, **parts)
        found: R = known[key]
        return found

    return asked


def office() -> tuple[str, str]:
    """Whose record it is: what is kept in a process that may be given another office begins with this."""
    home = setup.current()
    return str(home.path), home.database


def rows(*tables: type[AppendOnly]) -> tuple[Any, ...]:
    """How many rows tables have, and the last one of each: with the same answer they hold the same, as rows only come.

    The instant of the last row stands beside its number, because a number that was given back is given again.
    """
    statement = _statements.get(tables)
    if statement is None:
        statement = _statements[tables] = _statement(tables)
    with connection.cursor() as cursor:
        cursor.execute(statement)
        found: tuple[Any, ...] = cursor.fetchone()
        return found


_rows = once(rows)
_statements: dict[tuple[type[AppendOnly], ...], str] = {}


def _statement(tables: tuple[type[AppendOnly], ...]) -> str:
    parts = []
    for table in tables:
        names = {field.name for field in table._meta.local_concrete_fields}
        last = next((name for name in ("manifest", "at") if name in names), "")
        where = f'FROM "{table._meta.db_table}"'
        parts += [f"(SELECT COUNT(*) {where})", f'(SELECT MAX("id") {where})']
        if last:
            parts.append(f'(SELECT "{last}" {where} ORDER BY "id" DESC LIMIT 1)')
    return f"SELECT {', '.join(parts)}"


def while_same(*tables: type[AppendOnly], most: int = 64) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Keep what a function returns in the process until a row is added to tables, which are all that it reads.

    Its arguments name everything else that it depends on. Nobody may change what it returns. most : so many are kept.
    """

    def keep(function: Callable[P, R]) -> Callable[P, R]:
        known: OrderedDict[Any, R] = OrderedDict()
        lock = Lock()

        @wraps(function)
        def asked(*args: P.args, **parts: P.kwargs) -> R:
            key = (office(), _rows(*tables), args, tuple(parts.items()))
            with lock:
                if key in known:
                    known.move_to_end(key)
                    return known[key]
            # A row that is added meanwhile is in the content and not in the key: then it is made again.
            made = function(*args, **parts)
            with lock:
                known[key] = made
                while len(known) > most:
                    known.popitem(last=False)
            return made

        return asked

    return keep
