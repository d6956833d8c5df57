"""docs/data-users.md against an office that answers: examples print what is shown, texts ask for what is there."""

import csv
import io
import json
import re
import shutil
import subprocess
import sys
import urllib.request
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

ROOT = Path(__file__).parents[3]
PAGE = ROOT / "docs" / "data-users.md"
SHOWN = "http://127.0.0.1:8765"
"""The address in the page; in the test that of the served office stands for it."""


@pytest.fixture(scope="module")
def folder(
    tmp_path_factory: pytest.TempPathFactory, furnished: Path, market: Path, week_of: Any, corrected_of: Any
) -> Path:
    """An office with three releases, and a correction of the second."""
    from ellwand.office import setup

    path = tmp_path_factory.mktemp("users") / "office"
    shutil.copytree(furnished, path)
    with pytest.MonkeyPatch.context() as patch:
        corrected_of(week_of(path, patch, market))
        setup.disconnect("default")
    return path


@pytest.fixture
def base(folder: Path, office_at: Any, serve: Any) -> str:
    """Where the office answers."""
    address: str = serve(office_at(folder)).base
    return address


@pytest.mark.skipif(shutil.which("curl") is None, reason="no curl on this machine")
def test_examples(base: str, pages: ModuleType, tmp_path: Path) -> None:
    pytest.importorskip("pandas")
    pytest.importorskip("pyjstat")
    text = PAGE.read_text(encoding="utf-8")
    runner = pages.Runner(tmp_path, programs=(*pages.PROGRAMS, "curl"))
    runner.page(text.replace(SHOWN, base))
    blocks = [b for b in pages.blocks(text) if not b.info]
    assert runner.ran == sum(
        1 if b.language == "python" else len(re.findall(r"^\$ ", b.text, re.MULTILINE))
        for b in blocks
        if b.language in ("python", "console")
    )


def asked(base: str, text: str) -> tuple[set[str], set[str]]:
    """What a text for R or Excel names, and the columns of what its addresses give. Its brackets close."""
    for opening, closing in ("()", "[]", "{}"):
        assert text.count(opening) == text.count(closing)
    columns: set[str] = set()
    addresses = re.findall(rf'"{re.escape(base)}([^"]+)"', text)
    assert addresses
    for address in addresses:
        with urllib.request.urlopen(base + address) as answer:
            body = answer.read().decode("utf-8")
            if answer.headers.get_content_type() == "text/csv":
                columns |= set(next(csv.reader(io.StringIO(body))))
            else:
                told = json.loads(body)
                columns |= {*told, *told["data"][0]}
    named = {*re.findall(r'"([a-z_]+)"', text), *re.findall(r"\$([a-z_]+)", text)} - {"character"}
    assert len(named) > 2
    return named, columns


def test_texts_for_r_and_excel(base: str, pages: ModuleType) -> None:
    """What can be known without R and Excel: the addresses answer, and have every column that is named."""
    from ellwand.web.site.snippets import snippets

    found = [b for b in pages.blocks(PAGE.read_text(encoding="utf-8")) if b.language == "r" or "Excel" in b.info]
    assert [b.language for b in found] == ["r", "text"]
    own = [s.text for s in snippets(f"{base}/", "1", "price-2022-W03-2") if s.name in ("R", "Excel")]
    assert len(own) == 2
    for text in (*(b.text.replace(SHOWN, base) for b in found), *own):
        named, columns = asked(base, text)
        assert named <= columns, named - columns


def test_an_embed_keeps_its_vintage_and_tells_of_the_correction(base: str) -> None:
    for language, words in (("", "后来有更正"), ("en/", "corrected later")):
        with urllib.request.urlopen(f"{base}/{language}embed/0/?vintage=price-2022-W02-1") as answer:
            assert answer.headers["Cache-Control"] == "public, max-age=0, must-revalidate"
            page = answer.read().decode("utf-8")
        assert words in page and "99.93" in page and "#correction-1" in page
        with urllib.request.urlopen(f"{base}/{language}embed/0/") as answer:
            assert words not in answer.read().decode("utf-8")


def test_python_of_the_series_page(base: str) -> None:
    from ellwand.web.site.snippets import snippets

    pytest.importorskip("pandas")
    for one in snippets(f"{base}/", "1", "price-2022-W02-1"):
        if one.language == "python":
            done = subprocess.run([sys.executable, "-c", one.text], capture_output=True, text=True, check=False)
            assert done.returncode == 0, done.stderr
            assert done.stdout.splitlines()[-1].split() == ["2022-W02", "99.62", "-0.38", "A"], one.name
