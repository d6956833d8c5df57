"""The plan of the market: areas in proportion to the quotes; a scheme unless the register knows the places."""

import re

import pytest

from ellwand.web.site.plan import GAP, NARROW, WIDE, Plot, has_places, plan

PLOTS = [Plot("Raw <Materials>", "market", 300, 40), Plot("Grey", "market", 100, 20), Plot("East", "street", 50, 5)]


def areas(text: str) -> list[float]:
    rects = re.findall(r'<rect x="[\d.]+" y="[\d.]+" width="([\d.]+)" height="([\d.]+)" class="plot"', text)
    return [(float(w) + GAP) * (float(h) + GAP) for w, h in rects]


def test_areas_within_a_row_are_in_proportion() -> None:
    text = plan(PLOTS, WIDE, "Where", "")
    first, second, _ = areas(text)
    assert first / second == pytest.approx(3, rel=0.02)
    assert "Raw &lt;Materials&gt;" in text and not has_places(PLOTS)


@pytest.mark.parametrize("width", [WIDE, NARROW])
def test_a_simulated_market_says_so(width: float) -> None:
    assert "Simulated" in plan(PLOTS, width, "Where", "Simulated")
    assert plan([], width, "Where", "Simulated") == ""


def test_places_of_the_register_are_kept() -> None:
    placed = [Plot("A", "market", 10, 1, (0.0, 0.0)), Plot("B", "market", 10, 1, (100.0, 50.0))]
    text = plan(placed, WIDE, "Where", "")
    (ax, ay), (bx, by) = [(float(x), float(y)) for x, y in re.findall(r'<circle cx="([\d.]+)" cy="([\d.]+)"', text)]
    assert ax < bx and ay > by and has_places(placed)
    same = [Plot("A", "market", 10, 1, (5.0, 5.0)), Plot("B", "market", 10, 1, (5.0, 5.0))]
    assert "<circle" in plan(same, NARROW, "Where", "")
