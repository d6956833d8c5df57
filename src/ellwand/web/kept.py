"""Bodies of answers that are kept in the process: each named by all that it depends on, so that none can be stale."""

import threading
from collections import OrderedDict
from collections.abc import Callable

from ellwand.office import setup
from ellwand.web.moments import Moment


class Kept:
    """So many bytes of bodies; those that were asked for longest ago give way."""

    def __init__(self, most: int) -> None:
        self.most = most
        self.size = 0
        self.lock = threading.Lock()
        self.bodies: OrderedDict[tuple[str, ...], bytes] = OrderedDict()

    def get(self, seen: Moment, what: tuple[str, ...], make: Callable[[], bytes]) -> bytes:
        """The body of an answer. what : all that it depends on beside releases and calendar."""
        home = setup.current()
        key = (str(home.path), home.database, seen.mark, *what)
        with self.lock:
            found = self.bodies.get(key)
            if found is not None:
                self.bodies.move_to_end(key)
                return found
        made = make()
        with self.lock:
            if key not in self.bodies and len(made) <= self.most // 4:
                self.bodies[key] = made
                self.size += _weight(key, made)
                while self.size > self.most:
                    self.size -= _weight(*self.bodies.popitem(last=False))
        return made


def _weight(key: tuple[str, ...], body: bytes) -> int:
    # A question may be longer than its answer.
    return len(body) + sum(map(len, key))


BODIES = Kept(64 << 20)
"""Bodies of the answers of this process."""
