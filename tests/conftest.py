"""Fixtures of the whole suite: where the conformance data lies."""

import os
from collections import Counter
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


LONG = (
    "tests/office/faults/", "tests/office/screens/test_week.py", "tests/spark/", "tests/bench/", "tests/docs/",
    "tests/office/alerts/test_telling.py", "tests/office/approvals/", "tests/office/api/test_contract.py",
    "tests/report/test_browser.py",
)  # fmt: skip
"""Few tests that take long, by the beginning of their address."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Files whose tests take long come first, then those with most tests: no process is left alone with one at the end.

    The order within a file stays.
    """
    sizes = Counter(item.nodeid.partition("::")[0] for item in items)

    def rank(item: pytest.Item) -> tuple[bool, int, str]:
        path = item.nodeid.partition("::")[0]
        return not path.startswith(LONG), -sizes[path], path

    items.sort(key=rank)


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
