"""Units of measure: the trade's own arithmetic, round trips, and errors that say what is missing."""

import numpy as np
import pytest

from ellwand.formulas.textile_units import MEASURES, conversion_factors, convert_price, measure


def test_yard() -> None:
    assert convert_price(9.144, "yd", "m") == pytest.approx(10.0, rel=1e-14)
    assert convert_price(10.0, "m", "yd") == pytest.approx(9.144, rel=1e-14)


def test_kilogram_metre_and_square_metre() -> None:
    """price/m = price/kg * gsm/1000 * width_m; price per m2 = price per m / width_m."""
    per_m = convert_price(30.0, "kg", "m", gsm=200, width_cm=150)
    assert per_m == pytest.approx(30.0 * 200 / 1000 * 1.5, rel=1e-14)
    assert convert_price(per_m, "m", "m2", width_cm=150) == pytest.approx(30.0 * 0.2, rel=1e-14)
    assert convert_price(30.0, "kg", "m2", gsm=200) == pytest.approx(6.0, rel=1e-14)


def test_tonne_dozen_and_packs() -> None:
    assert convert_price(15600.0, "t", "kg") == pytest.approx(15.6)
    assert convert_price(24.0, "dozen", "piece") == pytest.approx(2.0)
    assert convert_price(24.0, "pack 10", "piece") == pytest.approx(2.4)
    assert convert_price(24.0, "pack", "dozen", pack=6) == pytest.approx(48.0)
    assert convert_price(24.0, "pack 10", "pack", pack=5) == pytest.approx(12.0)
    assert convert_price(7.0, "pack", "pack") == 7.0, "nothing is needed where nothing changes"


def test_elements_by_themselves() -> None:
    rng = np.random.default_rng(1)
    n = 300
    source, target = rng.choice(["m", "yd", "kg", "t", "m2"], n), rng.choice(["m", "yd", "kg", "t", "m2"], n)
    gsm, width = rng.uniform(60, 400, n), rng.uniform(110, 220, n)
    factor, why = conversion_factors(source, target, gsm, width)
    assert not any(why)
    for i in range(n):
        assert factor[i] == pytest.approx(conversion_factors(source[i], target[i], gsm[i], width[i])[0], rel=1e-15)
    back, _ = conversion_factors(target, source, gsm, width)
    np.testing.assert_allclose(factor * back, 1.0, rtol=1e-14)
    # By way of any third unit.
    third = rng.choice(["m", "yd", "kg", "t", "m2"], n)
    one, two = conversion_factors(source, third, gsm, width)[0], conversion_factors(third, target, gsm, width)[0]
    np.testing.assert_allclose(one * two, factor, rtol=1e-13)


@pytest.mark.parametrize(
    ("source", "target", "given", "found"),
    [
        ("kg", "m", {}, "needs gsm .* and width_cm"),
        ("kg", "m", {"gsm": 200}, "needs width_cm"),
        ("kg", "m", {"gsm": 0, "width_cm": 150}, "needs gsm"),
        ("t", "yd", {"width_cm": 150}, "needs gsm"),
        ("m", "m2", {"gsm": 200}, "needs width_cm"),
        ("m2", "kg", {"width_cm": 150}, "needs gsm"),
        ("pack", "piece", {}, "needs pack"),
        ("piece", "m", {"gsm": 200, "width_cm": 150}, "nothing joins count and length"),
        ("ell", "m", {}, "unknown unit of measure 'ell'; allowed: m, yd"),
        ("m", "m ", {}, "unknown unit of measure 'm '"),
        ("pack 0", "piece", {}, "unknown unit of measure"),
        ("pack -2", "piece", {}, "unknown unit of measure"),
        ("foot", "foot", {}, "unknown unit of measure"),
    ],
)
def test_what_is_missing_is_named(source: str, target: str, given: dict[str, float], found: str) -> None:
    with pytest.raises(ValueError, match=found):
        convert_price(10.0, source, target, **given)


def test_the_good_ones_are_converted_beside_the_bad() -> None:
    factor, why = conversion_factors(["kg", "kg", "yd"], "m", [200, np.nan, np.nan], 150)
    np.testing.assert_allclose(factor, [0.3, np.nan, 1 / 0.9144], rtol=1e-14)
    assert [bool(w) for w in why] == [False, True, False]
    with pytest.raises(ValueError, match="element 1: a price per kg said per m needs gsm"):
        convert_price(1.0, ["kg", "kg", "yd"], "m", [200, np.nan, np.nan], 150)


def test_every_measure_converts_within_its_dimension() -> None:
    for a, (one, _) in MEASURES.items():
        assert measure(a)[0] == one
        for b, (other, _) in MEASURES.items():
            if one == other:
                assert convert_price(convert_price(3.7, a, b), b, a) == pytest.approx(3.7, rel=1e-15)
