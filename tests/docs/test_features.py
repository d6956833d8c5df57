"""The page of the fifty features is made from their tests, and each feature has one."""

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest

pytest.importorskip("rfc8785", reason="the office's packages are not installed")

SCRIPT = Path(__file__).parents[2] / "scripts" / "build_governance.py"


@pytest.fixture(scope="module")
def script() -> ModuleType:
    spec = importlib.util.spec_from_file_location("build_governance", SCRIPT)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    import sys

    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def test_the_page_is_fresh(script: ModuleType) -> None:
    assert script.PAGE.read_text(encoding="utf-8") == script.page(), "run python scripts/build_governance.py"


def test_a_feature_has_one_test_at_most_which_says_what_it_does(script: ModuleType) -> None:
    found = script.proofs()
    assert set(found) <= set(range(1, 51))
    for number, mine in found.items():
        assert len(mine) == 1, number
        assert len(mine[0].does) > 40, number
