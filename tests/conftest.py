"""Fixtures of the whole suite: where the conformance data lies."""

import os
from pathlib import Path

import pytest

HERE = Path(__file__).parent
ENVIRONMENT = "ELLWAND_CONFORMANCE"
COPIES = HERE / "conformance" / "data"
CONFORMANCE = pytest.StashKey[Path]()


def conformance_folder() -> Path:
    """The folder named by the environment, the one beside the repository, or the copies of the generated data."""
    named = os.environ.get(ENVIRONMENT)
    if named:
        folder = Path(named)
        if not folder.is_dir():
            raise pytest.UsageError(f"{ENVIRONMENT} is {named!r}, which is no folder; correct or unset it")
        return folder
    beside = HERE.parent.parent / "shared" / "conformance"
    return beside if beside.is_dir() else COPIES


def pytest_configure(config: pytest.Config) -> None:
    folder = conformance_folder()
    config.stash[CONFORMANCE] = folder
    # Test modules are imported by path, so what they share travels on the configuration.
    config.conformance_folder = folder  # type: ignore[attr-defined]
    config.conformance_is_copy = folder.resolve() == COPIES.resolve()  # type: ignore[attr-defined]


@pytest.fixture(scope="session")
def conformance(pytestconfig: pytest.Config) -> Path:
    """The folder of the conformance data."""
    return pytestconfig.stash[CONFORMANCE]


@pytest.fixture
def conformance_file(pytestconfig: pytest.Config, conformance: Path):
    """Path of a file of the conformance data; skips where only the copies of the generated data are at hand."""

    def path(name: str) -> Path:
        target = conformance / name
        if not target.exists() and pytestconfig.conformance_is_copy:  # type: ignore[attr-defined]
            pytest.skip(f"{name} is not copied into the repository; set {ENVIRONMENT} to the full conformance folder")
        return target

    return path
