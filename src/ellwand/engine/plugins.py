"""Methods from other packages: entry points of the group `ellwand.methods`."""

from functools import lru_cache
from importlib.metadata import EntryPoint, entry_points

from ellwand.formulas.catalogue import ALIASES, TABLE, Method, add

GROUP = "ellwand.methods"


@lru_cache(maxsize=1)
def load_methods() -> tuple[str, ...]:
    """Add the methods of every installed plug-in, once; their names.

    An entry point gives a Method or several. ValueError names the plug-in whose method is wrong or whose name is taken;
    then none of the plug-ins' methods is added, so that the next call says the same.
    """
    names: list[str] = []
    try:
        for point in sorted(entry_points(group=GROUP), key=lambda p: p.name):
            for method in _given(point):
                try:
                    names.append(add(method).name)
                except ValueError as error:
                    raise ValueError(f"plug-in {point.name!r} ({point.value}): {error}") from error
    except Exception:
        for name in names:
            for alias in TABLE.pop(name).aliases:
                del ALIASES[alias]
        raise
    return tuple(names)


def _given(point: EntryPoint) -> tuple[Method, ...]:
    loaded = point.load()
    methods = tuple(loaded) if isinstance(loaded, tuple | list) else (loaded,)
    for method in methods:
        if not isinstance(method, Method):
            raise ValueError(f"plug-in {point.name!r} ({point.value}) gives {method!r}, which is no Method")
    return methods
