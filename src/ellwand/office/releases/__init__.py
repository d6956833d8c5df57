"""Releases: sealed folders that anybody can check and recompute.

A release is a pure function of its inputs: the quotes known at an instant, the registers, the basket, the method. This
package makes the folder (`pack`), lists an archive of them (`read_archive`) and checks them (`verify_release`,
`verify_archive`). It knows files and functions only; no database and no clock.
"""

from ellwand.office.releases.archive import listed_json, listed_text, read_archive
from ellwand.office.releases.canonical import read_instant
from ellwand.office.releases.keys import make_key, read_private, read_public
from ellwand.office.releases.manifest import FaultError, Manifest, NoReleaseError, read_manifest
from ellwand.office.releases.pack import pack
from ellwand.office.releases.verify import Checked, verify_archive, verify_release

__all__ = [
    "Checked",
    "FaultError",
    "Manifest",
    "NoReleaseError",
    "listed_json",
    "listed_text",
    "make_key",
    "pack",
    "read_archive",
    "read_instant",
    "read_manifest",
    "read_private",
    "read_public",
    "verify_archive",
    "verify_release",
]
