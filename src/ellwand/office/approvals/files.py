"""The files that a release will hold: known by name before it is sealed, with their sizes afterwards."""

from dataclasses import dataclass

from ellwand.office.approvals import content, seals
from ellwand.office.record import reading
from ellwand.office.releases.build import MADE
from ellwand.office.releases.manifest import METHOD, NAME, PUBLIC_KEY


@dataclass(frozen=True)
class File:
    """A public file. bytes : None before the release is sealed."""

    path: str
    bytes: int | None


def listed(now: content.Content) -> list[File]:
    """The public files of what would be released, in the order of their paths."""
    last = seals.last_release(now.round)
    if last is not None and last.compilation_id == now.compilation.pk:
        return [File(f.path, f.bytes) for f in reading.manifest(last).files if f.public]
    names = {*MADE, METHOD, NAME, PUBLIC_KEY, *(f"texts/{name}" for name in now.texts)}
    sizes = {f"texts/{name}": len(data) for name, data in now.texts.items()}
    return [File(path, sizes.get(path)) for path in sorted(names)]
