"""Nobody reads figures around the gate: screens and site take published ones through `record.reading` only."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

SOURCE = Path(__file__).resolve().parents[3] / "src" / "ellwand"
FIGURES = {"Observation", "Release", "Compilation"}
INSIDE = {"compile_.py", "text.py", "rationale.py"}
"""Screens of the work on a round that is not released yet; their readers hold roles of the round."""


def readings(path: Path) -> Iterator[str]:
    """Every query of figures in a file."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if not isinstance(node, ast.Attribute):
            continue
        by_model = node.attr in ("objects", "_base_manager") and getattr(node.value, "id", "") in FIGURES
        by_row = isinstance(node.value, ast.Attribute) and node.value.attr in (
            "observations",
            "compilations",
            "releases",
        )
        if by_model or by_row:
            yield f"{path.relative_to(SOURCE)}:{node.lineno} {ast.unparse(node)}"


def files() -> list[Path]:
    """The files of everything that shows something."""
    return [
        p
        for folder in ("office/screens", "web")
        for p in sorted((SOURCE / folder).rglob("*.py"))
        if p.name not in INSIDE or folder == "web"
    ]


def test_figures_are_read_at_one_door() -> None:
    found = files()
    assert len(found) > 5
    assert [line for path in found for line in readings(path)] == []


@pytest.mark.parametrize(
    "text", ["Observation.objects.all()", "x = made.observations.filter()", "Release._base_manager.count()"]
)
def test_a_reading_around_the_gate_is_found(tmp_path: Path, text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(f"{__name__}.SOURCE", tmp_path)
    (tmp_path / "x.py").write_text(text)
    assert list(readings(tmp_path / "x.py"))
