"""A small simulated market, a key, and an archive of three signed releases; tests change copies only."""

import base64
import json
import shutil
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from ellwand.market import simulate
from ellwand.office.releases import make_key, pack, read_manifest, read_private, read_public
from ellwand.office.releases.canonical import canonical
from ellwand.office.releases.files import entries
from ellwand.office.releases.manifest import stat_hash, text_hash
from ellwand.office.releases.tables import read_observations, sealed
from ellwand.production.method import read_method

T = datetime(2022, 7, 18, 4, tzinfo=UTC)
PERIODS = ("2022-W28", "2022-W29", "2022-W30")


@pytest.fixture(scope="session")
def market(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A simulated market of 30 weeks."""
    folder = tmp_path_factory.mktemp("market") / "m"
    simulate(folder, weeks=30, items=60, units=30, seed=3)
    return folder


@pytest.fixture(scope="session")
def office_key(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """The private key of the office."""
    folder = tmp_path_factory.mktemp("key")
    make_key(folder)
    return read_private(folder)


@pytest.fixture(scope="session")
def key_folder(tmp_path_factory: pytest.TempPathFactory, office_key: Any) -> Path:
    """The folder of the office's key pair."""
    return next(p.parent for p in tmp_path_factory.getbasetemp().glob("key*/signing-key.pem"))


@pytest.fixture(scope="session")
def public_key(key_folder: Path) -> Any:
    """The public key of the office."""
    return read_public(key_folder)


@pytest.fixture(scope="session")
def make(market: Path, office_key: Any) -> Callable[..., Path]:
    """Packs the issue of a period; further arguments go to `pack`."""

    def packed(archive: Path, period: str, previous: Path | None = None, **more: Any) -> Path:
        method = more.pop("method", read_method("careful"))
        at = T + timedelta(weeks=PERIODS.index(period))
        given: dict[str, Any] = {"at": at, "key": office_key, "version": "test", "previous": previous}
        return pack(more.pop("directory", market), archive, method, period=period, **(given | more))

    return packed


@pytest.fixture(scope="session")
def texts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A text in both languages."""
    folder = tmp_path_factory.mktemp("texts")
    (folder / "price.zh.md").write_text("总指数微涨。\n", encoding="utf-8")
    (folder / "price.en.md").write_text("The total rose slightly.\n", encoding="utf-8")
    return folder


@pytest.fixture(scope="session")
def archive(tmp_path_factory: pytest.TempPathFactory, make: Callable[..., Path], texts: Path) -> Path:
    """Three releases, each signed and chained to the one before."""
    folder = tmp_path_factory.mktemp("archive") / "releases"
    previous = None
    for period in PERIODS:
        previous = make(folder, period, previous, texts=texts)
    return folder


@pytest.fixture
def copy(archive: Path, tmp_path: Path) -> Path:
    """A copy of the archive that a test may spoil."""
    return Path(shutil.copytree(archive, tmp_path / "copy"))


@pytest.fixture
def public(copy: Path) -> Path:
    """A public copy: no inputs."""
    for folder in copy.iterdir():
        shutil.rmtree(folder / "inputs")
    return copy


@pytest.fixture
def one(copy: Path) -> Path:
    """A copy of the last release, alone, that a test may spoil."""
    for folder in sorted(copy.iterdir())[:-1]:
        shutil.rmtree(folder)
    return copy / "price-2022-W30-1"


@pytest.fixture(scope="session")
def reseal(office_key: Any) -> Callable[..., None]:
    """Seals a folder anew with the office's own key: what a falsifier inside the office could do."""

    def sealed_anew(folder: Path, key: Any = office_key, **changes: Any) -> None:
        content = json.loads((folder / "manifest.json").read_bytes()) | changes
        rows = read_observations(folder / "outputs" / "history.csv")
        stat = stat_hash(content["family"], content["period"], content["versions"], content["inputs"], sealed(rows))
        listed = folder / "outputs" / "releases.csv"
        text = listed.read_text(encoding="utf-8")
        listed.write_text(text.replace(text.splitlines()[-1].split(",")[5], stat), encoding="utf-8")
        files = tuple(f for f in entries(folder) if f.path != "manifest.json")
        content |= {"files": [vars(f) for f in files], "stat_hash": stat, "text_hash": text_hash(stat, files)}
        signed = {k: v for k, v in content.items() if k != "signature"}
        content["signature"] = base64.b64encode(key.sign(canonical(signed))).decode()
        (folder / "manifest.json").write_bytes(canonical(content))
        read_manifest(folder)

    return sealed_anew
