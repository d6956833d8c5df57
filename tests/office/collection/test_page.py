"""docs/collection.md against an office that answers: the examples are sent, and get what the page shows."""

import shutil
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[3]))

from bench import collect
from ellwand.office.collection import api, sending, tokens
from ellwand.office.collection.entry import OUTCOMES
from ellwand.office.collection.models import Delivery
from ellwand.office.quotes.models import Quote

ROOT = Path(__file__).resolve().parents[3]
PAGE = ROOT / "docs" / "collection.md"
SHOWN = "http://127.0.0.1:8765"


@pytest.mark.skipif(shutil.which("curl") is None, reason="no curl on this machine")
def test_examples(office: Any, serve: Any, pages: ModuleType, tmp_path: Path) -> None:
    code, (one,) = collect.furnish(1, 5, weeks=0)
    (unit, first), (_, second) = one.cells[:2]
    text = PAGE.read_text(encoding="utf-8")
    for shown, real in (
        (SHOWN, serve(office).base), ("ellwand_TOKEN", one.token), ("price-2026-W05", code), ("U0001", unit),
        ("I00005", first), ("I00006", second),
    ):  # fmt: skip
        assert shown in text
        text = text.replace(shown, real)
    runner = pages.Runner(tmp_path, programs=(*pages.PROGRAMS, "curl"))
    runner.page(text)
    assert runner.ran == 2
    assert Quote.objects.filter(round__code=code).count() == Delivery.objects.count() == 1


def test_what_the_page_says_is_so() -> None:
    text = " ".join(PAGE.read_text(encoding="utf-8").split())
    for word in (*OUTCOMES, *tokens.SCOPES):
        assert f"`{word}`" in text, word
    assert f"up to {sending.MOST} together" in text
    assert f"more than {api.RATE} requests a minute" in text and api.WINDOW == 60
    assert f"larger than {api.LARGEST >> 20} MB" in text
    assert f"{api.ROOT}/openapi.json" in text
    for status in api.TITLES.keys() - {400, 404}:
        assert str(status) in text, status
