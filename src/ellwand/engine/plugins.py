"""Methods from other packages: entry points of the group `ellwand.methods`."""

from functools import lru_cache
from importlib.metadata import entry_points

from ellwand.formulas.catalogue import Method, add

GROUP = "ellwand.methods"


@lru_cache(maxsize=1)
def load_methods() -> tuple[str, ...]:
    """Add the methods of every installed plug-in, once; their names.

    An entry point gives a Method or several. ValueError names the plug-in whose method is wrong or whose name is taken.
    """
    names = []
    for point in sorted(entry_points(group=GROUP), key=lambda p: p.name):
        loaded = point.load()
        for method in (loaded,) if isinstance(loaded, Method) else tuple(loaded):
            if not isinstance(method, Method):
                raise ValueError(f"plug-in {point.name!r} ({point.value}) gives {method!r}, which is no Method")
            names.append(add(method).name)
    return tuple(names)
