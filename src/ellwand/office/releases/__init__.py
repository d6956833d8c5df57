"""Releases: sealed folders that anybody can check and recompute.

A release is a pure function of its inputs: the quotes known at an instant, the registers, the basket, the method. This
package makes the folder, lists an archive of them (`read_archive`) and checks them (`verify_release`,
`verify_archive`). It knows files and functions only; no database and no clock.

`prepare` gives both hashes before anybody approves them, `seal` makes the release of exactly these, `pack` does both at
once; a `Packer` prepares and packs the issues of one folder in turn.
"""

from ellwand.office.releases.archive import listed_json, listed_text, read_archive
from ellwand.office.releases.canonical import read_instant
from ellwand.office.releases.keys import make_key, read_private, read_public
from ellwand.office.releases.manifest import Approval, FaultError, Manifest, NoReleaseError, read_manifest
from ellwand.office.releases.pack import Packer, pack, seal
from ellwand.office.releases.prepare import Prepared, Preparer, prepare, text_hash_of
from ellwand.office.releases.texts import bound_texts
from ellwand.office.releases.verify import Checked, verify_archive, verify_release

__all__ = [
    "Approval",
    "Checked",
    "FaultError",
    "Manifest",
    "NoReleaseError",
    "Packer",
    "Prepared",
    "Preparer",
    "bound_texts",
    "listed_json",
    "listed_text",
    "make_key",
    "pack",
    "prepare",
    "read_archive",
    "read_instant",
    "read_manifest",
    "read_private",
    "read_public",
    "seal",
    "text_hash_of",
    "verify_archive",
    "verify_release",
]
