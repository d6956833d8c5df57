"""A release as one file: a ZIP of all that is public in its folder, from which `ellwand verify` checks everything."""

import shutil
import tempfile
import threading
import zipfile
from collections import OrderedDict
from pathlib import Path

from ellwand.office.record import reading
from ellwand.office.record.reading import Given
from ellwand.office.releases.manifest import NAME

MOST = 4
"""Bundles that are kept ready on the disk."""
STAMP = (1980, 1, 1, 0, 0, 0)


class Bundles:
    """The bundles that were asked for last, in a folder of this process. A sealed release never changes, nor they."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.folder: Path | None = None
        self.ready: OrderedDict[str, Path] = OrderedDict()

    def of(self, given: Given) -> Path:
        """The bundle of a public release."""
        with self.lock:
            if self.folder is None:
                self.folder = Path(tempfile.mkdtemp(prefix="ellwand-bundles-"))
                weak = str(self.folder)
                import atexit

                atexit.register(shutil.rmtree, weak, ignore_errors=True)
            found = self.ready.get(given.manifest)
            if found is None:
                found = self.folder / f"{given.manifest}.zip"
                write(given, found)
                self.ready[given.manifest] = found
                while len(self.ready) > MOST:
                    _, old = self.ready.popitem(last=False)
                    old.unlink(missing_ok=True)
            self.ready.move_to_end(given.manifest)
            return found


def write(given: Given, path: Path) -> None:
    """Write the bundle: equal releases give equal bytes. Inputs, which name units, stay in the office."""
    one = reading.release(given.code)
    names = [NAME, *(entry.path for entry in reading.manifest(one).files if entry.public)]
    with zipfile.ZipFile(path, "w") as out:
        for name in sorted(names):
            entry = zipfile.ZipInfo(f"{given.code}/{name}", STAMP)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.create_system = 3
            entry.external_attr = 0o644 << 16
            out.writestr(entry, reading.file(one, name).read_bytes())


BUNDLES = Bundles()
"""The bundles of this process."""
