"""Every wrong quote is labelled with what happened to it, and no label is false."""

import re
from collections import Counter
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import numpy as np
import pytest

from ellwand.market.quotes import KINDS, NAMES, _draw, _transpose, _typo

Reader = Callable[[Path], list[dict[str, str]]]


def test_kinds_have_equal_shares_that_sum_to_one() -> None:
    assert sum(share for _, share, _ in KINDS) == pytest.approx(1)
    assert len({share for _, share, _ in KINDS}) == 1


def test_the_documentation_lists_the_kinds_with_their_shares() -> None:
    page = (Path(__file__).parents[2] / "docs/market.md").read_text(encoding="utf-8")
    table = page[page.index("### Errors") : page.index("### Regimes")]
    listed = re.findall(r"^\| `(\w+)` \| ([\d.]+) \|", table, flags=re.M)
    assert [(name, float(share)) for name, share in listed] == [(name, share) for name, share, _ in KINDS]


def test_every_error_is_labelled_and_recoverable(quotes: list[dict], errors: list[dict]) -> None:
    reported = {q["quote"]: q["price"] for q in quotes}
    assert len(reported) == len(quotes)
    for e in errors:
        assert reported[e["quote"]] == e["reported_price"] != e["true_price"]
        assert e["reported_price"] > 0
    bad = {e["quote"] for e in errors}
    assert len(bad) == len(errors)
    # A quote without a label is a true price, and sellers name prices in steps of half a cent.
    assert all(q["price"] % Decimal("0.005") == 0 for q in quotes if q["quote"] not in bad)
    assert all(e["true_price"] % Decimal("0.005") == 0 for e in errors)


def test_three_in_a_hundred_are_wrong_and_each_kind_has_its_share(quotes: list[dict], errors: list[dict]) -> None:
    assert len(errors) / len(quotes) == pytest.approx(0.03, abs=0.0005)
    count = Counter(e["kind"] for e in errors)
    assert set(count) == set(NAMES)
    for name, share, _ in KINDS:
        # Four standard deviations of a draw, and somewhat more for the spells of copies.
        spread = 4 * np.sqrt(share * (1 - share) / len(errors)) * (1.5 if name == "stale_copy" else 1)
        assert count[name] / len(errors) == pytest.approx(share, abs=spread), name


def test_systematic_errors_have_their_factor_and_their_goods(
    calm: Path, rows: Reader, quotes: list[dict], errors: list[dict]
) -> None:
    items = {r["item"]: r for r in rows(calm / "items.csv")}
    of_quote = {q["quote"]: items[q["item"]] for q in quotes}
    seen = Counter()
    for e in errors:
        item, true, said = of_quote[e["quote"]], float(e["true_price"]), float(e["reported_price"])
        measure = item["unit_of_measure"]
        if e["kind"] == "decimal_shift":
            factors = [10, 0.1, 100]
        elif e["kind"] == "yard_metre":
            assert measure == "m"
            factors = [0.9144, 1 / 0.9144]
        elif e["kind"] == "kg_metre":
            weight = float(item["gsm"]) / 1000 * float(item["width_cm"]) / 100
            assert measure in ("m", "kg")
            factors = [1 / weight if measure == "m" else weight]
        elif e["kind"] == "pack_factor":
            assert measure == "piece" or (measure == "kg" and item["gsm"] == "")
            factors = [12, 1 / 12] if measure == "piece" else [1000, 0.001]
        else:
            continue
        # Nothing is rounded again but the fourth decimal of the file.
        right = [f for f in factors if abs(said - true * f) < 0.000051]
        assert right, e
        seen[e["kind"], factors.index(right[0]), measure] += 1
    assert {k[:2] for k in seen} >= {("decimal_shift", 0), ("decimal_shift", 1), ("yard_metre", 0), ("yard_metre", 1)}
    assert {k[2] for k in seen if k[0] == "pack_factor"} == {"kg", "piece"}
    assert {k[2] for k in seen if k[0] == "kg_metre"} == {"kg", "m"}


def test_a_stale_copy_repeats_an_earlier_true_price(quotes: list[dict], errors: list[dict]) -> None:
    true = {(q["unit"], q["item"], q["period"]): q["price"] for q in quotes}
    place = {q["quote"]: (q["unit"], q["item"], q["period"]) for q in quotes}
    for e in errors:
        true[place[e["quote"]]] = e["true_price"]
    earlier: dict[tuple[str, str], dict[str, Decimal]] = {}
    for (unit, item, period), price in true.items():
        earlier.setdefault((unit, item), {})[period] = price
    stale = [e for e in errors if e["kind"] == "stale_copy"]
    known = 0
    for e in stale:
        unit, item, period = place[e["quote"]]
        before = [p for when, p in sorted(earlier[unit, item].items()) if when < period][-9:]
        known += e["reported_price"] in before
    # The price that was copied may itself never have been collected.
    assert known > 0.85 * len(stale)


def test_kinds_are_balanced_as_far_as_the_articles_allow() -> None:
    rng = np.random.default_rng(1)
    share = np.array([0.0, 0.25, 0.25, 0.25, 0.25])
    possible = np.ones((40_000, 5), dtype=bool)
    possible[:, 0] = False
    possible[12_000:, 1] = False  # possible for three in ten only
    possible[:20_000, 2] = False
    kind = _draw(possible, share, rng)
    assert possible[np.arange(kind.size), kind].all()
    assert np.bincount(kind, minlength=5)[1:] / kind.size == pytest.approx(0.25, abs=0.01)
    # A kind that nothing allows leaves its share to the others.
    possible[:, 1] = False
    count = np.bincount(_draw(possible, share, rng), minlength=5)
    assert count[:2].tolist() == [0, 0]
    assert count[2:] / kind.size == pytest.approx(1 / 3, abs=0.01)
    assert _draw(possible[:0], share, rng).size == 0


def test_digit_errors_always_show() -> None:
    rng = np.random.default_rng(1)
    value = rng.integers(100, 10**9, 20_000) * 50
    typo = _typo(value, rng)
    assert (typo != value).all()
    assert (typo > 0).all()
    assert (np.floor(np.log10(typo)) == np.floor(np.log10(value)))[value >= 10].all()
    swapped = _transpose(value, rng)
    changed = swapped != value
    assert changed.mean() > 0.9
    assert all(
        sorted(str(a)) == sorted(str(b).zfill(len(str(a))))
        for a, b in zip(value[changed], swapped[changed], strict=True)
    )
    assert _transpose(np.array([123_400]), rng)[0] in (213_400, 132_400)
