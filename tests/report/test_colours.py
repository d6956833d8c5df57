"""Contrast of every colour pair of the style sheet: 4.5:1 for text, 3:1 for marks, in light and in dark."""

import re
from importlib import resources

import pytest

from ellwand.production.report import svg

STYLE = resources.files("ellwand.production.report").joinpath("style.css").read_text(encoding="utf-8")
LIGHT, DARK = (
    dict(re.findall(r"--([\w-]+): (#[0-9A-F]{6})", block)) for block in re.findall(r":root \{(.*?)\}", STYLE, re.S)[:2]
)
GROUNDS = ("ground", "raised")
TEXT = [(ink, on) for ink in ("ink", "soft", "indigo", "madder", "leaf", "amber") for on in GROUNDS]
TEXT += [("amber", "amber-ground")]
TEXT += [("ink", step) for step in ("flat", "madder-1", "madder-2", "leaf-1", "leaf-2")]
TEXT += [("on-strong", step) for step in ("madder-3", "leaf-3")]
MARKS = [(mark, on) for mark in ("soft", "indigo", "madder", "leaf", "amber") for on in GROUNDS]
MARKS += [(f"{kind}-3", f"{kind}-{step}") for kind in ("madder", "leaf") for step in (1, 2)]
MARKS += [("on-strong", "madder-3"), ("on-strong", "leaf-3")]


def luminance(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def test_black_on_white_is_21() -> None:
    assert contrast("#000000", "#FFFFFF") == pytest.approx(21)


@pytest.mark.parametrize("scheme", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize(("ink", "on"), TEXT)
def test_text(scheme: dict[str, str], ink: str, on: str) -> None:
    assert contrast(scheme[ink], scheme[on]) >= 4.5


@pytest.mark.parametrize("scheme", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize(("mark", "on"), MARKS)
def test_marks(scheme: dict[str, str], mark: str, on: str) -> None:
    assert contrast(scheme[mark], scheme[on]) >= 3


def test_every_colour_is_a_token_and_stands_in_both_schemes() -> None:
    assert set(LIGHT) == set(DARK)
    used = {name for pair in TEXT + MARKS for name in pair} | {"rule"}
    assert set(LIGHT) == used, "a colour of the style sheet is in no tested pair"
    rest = re.sub(r":root \{.*?\}", "", STYLE, flags=re.S)
    assert re.findall(r"(?<![\w-])#[0-9A-Fa-f]{3,8}\b", rest) == []


def test_pictures_that_stand_alone_have_the_colours_of_the_page() -> None:
    for name, colour in svg.LIGHT.items():
        assert LIGHT[name] == colour
    for step in (1, 2, 3):
        assert svg.STEP_FILL[step] == LIGHT[f"madder-{step}"]
        assert svg.STEP_FILL[-step] == LIGHT[f"leaf-{step}"]
    assert svg.STEP_FILL[0] == LIGHT["flat"]
