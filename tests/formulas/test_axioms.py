"""The properties that the table of methods declares, each tested on drawn data for every method that declares it."""

from collections.abc import Callable, Iterator

import numpy as np
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from ellwand.formulas.catalogue import TABLE, Method
from ellwand.formulas.composition import Formula, Pairs
from ellwand.formulas.geks import geks
from ellwand.formulas.hedonic import time_dummy_hedonic
from ellwand.formulas.panel import Array, Panel

CLOSE = {"rtol": 0, "atol": 1e-9}
SETTINGS = settings(
    max_examples=15,
    deadline=None,
    derandomize=True,
    database=None,
    phases=(Phase.generate,),
    report_multiple_bugs=False,
)
WEIGHT_BASE = 0
REQUIRED = {"weight_base_period": [WEIGHT_BASE], "characteristics": [("z",)]}


def grid(shape: tuple[int, int]) -> st.SearchStrategy[Array]:
    """Positive numbers with a wide spread, log-uniform in 0.05 .. 20."""
    return arrays(np.float64, shape, elements=st.floats(-3, 3)).map(np.exp)


@st.composite
def complete(draw: st.DrawFn, periods: int | None = None) -> Panel:
    """Every product sold in every period."""
    shape = (draw(st.integers(1, 6)), periods or draw(st.integers(2, 5)))
    return Panel(draw(grid(shape)), draw(grid(shape)))


@st.composite
def churning(draw: st.DrawFn) -> Panel:
    """Products missing here and there; two products are always sold, so that all periods are linked."""
    shape = (draw(st.integers(3, 7)), draw(st.integers(2, 5)))
    sold = draw(arrays(np.bool_, shape))
    sold[:2] = True
    return Panel(draw(grid(shape)) * sold, draw(grid(shape)) * sold)


def pairs_of(panel: Panel, base: int, current: int, weight_base: bool) -> Pairs:
    P, Q = panel.P, panel.Q
    b = (P[:, [WEIGHT_BASE]], Q[:, [WEIGHT_BASE]]) if weight_base else (None, None)
    return Pairs(P[:, [base]], Q[:, [base]], P[:, [current]], Q[:, [current]], *b)


def direct(formula: Formula, panel: Panel, base: int, current: int, weight_base: bool = False) -> float:
    with np.errstate(all="ignore"):
        return float(formula.log(pairs_of(panel, base, current, weight_base))[0])


class Case:
    """A method with one setting of its parameters."""

    def __init__(self, method: Method, params: dict, name: str) -> None:
        self.method, self.params, self.name = method, params, name
        checked = method.parameters(params)
        self.checked = {k: v for k, v in checked.items() if k not in ("chain_method", "links")}
        self.weight_base = "weight_base_period" in method.params

    @property
    def formula(self) -> Formula:
        return self.method.build(**self.checked)

    def log(self, panel: Panel, base: int = 0, current: int = 1) -> float:
        """Of a bilateral method: log index of a pair of periods."""
        return direct(self.formula, panel, base, current, self.weight_base)

    def levels(self, panel: Panel) -> Array:
        """Of a method for a window: log levels, the first 0."""
        with np.errstate(all="ignore"):
            if self.method.kind == "geks":
                return geks(panel, self.formula, self.method.weighted)
            if self.method.kind == "hedonic":
                return hedonic(panel, self.checked["weights"], self.checked["bias_correction"])
            return self.method.build(**self.checked)(panel)


def hedonic(panel: Panel, weights: str, bias_correction: bool) -> Array:
    """One characteristic, a number that goes with the product."""
    i, t = np.nonzero(panel.sold)
    Z = np.sin(np.arange(len(panel.P)) * 2.0)[i][:, None]
    share = None if weights == "equal" else (panel.V / panel.totals)[i, t]
    return time_dummy_hedonic(np.log(panel.P[i, t]), t.astype(float), Z, panel.periods, share, bias_correction)


def settings_of(method: Method) -> Iterator[Case]:
    """The method with its defaults, and with every other value of each of its choices and flags, and other numbers."""
    base = {name: REQUIRED[name][0] for name, p in method.params.items() if p.required and name in REQUIRED}
    if method.name == "geks_of":
        for choice in method.params["formula"].choices:
            yield Case(method, {"formula": choice}, f"geks_of[{choice}]")
        return
    yield Case(method, base, method.name)
    for name, parameter in method.params.items():
        if name in ("chain_method", "links", *REQUIRED):
            continue
        others = {"choice": parameter.choices, "flag": (False, True), "number": (0.3, 1.0, 2.0)}[parameter.kind]
        for value in others:
            if value != parameter.default:
                yield Case(method, base | {name: value}, f"{method.name}[{name}={value}]")


CASES = [case for method in TABLE.values() for case in settings_of(method)]


# -- one checker a property; each raises AssertionError
@SETTINGS
@given(complete(periods=3))
def time_reversal(case: Case, panel: Panel) -> None:
    np.testing.assert_allclose(case.log(panel, 1, 2), -case.log(panel, 2, 1), **CLOSE)


@SETTINGS
@given(complete(periods=3), st.data())
def units_of_measure(case: Case, panel: Panel, data: st.DataObject) -> None:
    """Prices times a number of each product, quantities divided by it."""
    factor = data.draw(grid((len(panel.P), 1)))
    other = Panel(panel.P * factor, panel.Q / factor)
    if case.method.family == "bilateral":
        np.testing.assert_allclose(case.log(panel, 1, 2), case.log(other, 1, 2), **CLOSE)
    elif case.method.kind == "hedonic":
        # A unit of measure of all products; one product's own unit is a characteristic.
        other = Panel(panel.P * factor[0], panel.Q / factor[0])
        np.testing.assert_allclose(case.levels(panel), case.levels(other), **CLOSE)
    else:
        np.testing.assert_allclose(case.levels(panel), case.levels(other), rtol=0, atol=1e-8)


@SETTINGS
@given(complete(periods=3), st.sampled_from([0.0, 0.01, 1.0]))
def mean_value(case: Case, panel: Panel, spread: float) -> None:
    """Between the smallest and the largest price relative; relatives near to one another leave little room."""
    close = panel.P[:, 1] * 2 * panel.P[:, 2] ** spread
    panel = Panel(np.column_stack([panel.P[:, :2], close]), panel.Q)
    relatives = np.log(panel.P[:, 2] / panel.P[:, 1])
    assert relatives.min() - 1e-9 <= case.log(panel, 1, 2) <= relatives.max() + 1e-9


@SETTINGS
@given(complete(periods=3))
def factor_reversal(case: Case, panel: Panel) -> None:
    """Price index times quantity index (prices and quantities exchanged) = value ratio."""
    exchanged = direct(case.formula, Panel(panel.Q, panel.P), 1, 2)
    value = np.log(panel.totals[2] / panel.totals[1])
    np.testing.assert_allclose(case.log(panel, 1, 2) + exchanged, value, **CLOSE)


@SETTINGS
@given(churning(), complete(periods=3), st.randoms(use_true_random=False))
def transitive(case: Case, panel: Panel, whole: Panel, random) -> None:
    """Bilateral, on the same products: chained = direct. In a window: the order of its periods has no meaning."""
    if case.method.family == "bilateral":
        np.testing.assert_allclose(case.log(whole, 0, 1) + case.log(whole, 1, 2), case.log(whole, 0, 2), **CLOSE)
        return
    order = list(range(panel.periods))
    random.shuffle(order)
    levels = case.levels(panel)
    other = case.levels(Panel(panel.P[:, order], panel.Q[:, order]))
    np.testing.assert_allclose(other, levels[order] - levels[order[0]], rtol=0, atol=1e-8)


@SETTINGS
@given(complete())
def identity(case: Case, panel: Panel) -> None:
    """Prices that do not change give 1, whatever the quantities."""
    same = Panel(np.repeat(panel.P[:, :1], panel.periods, axis=1), panel.Q)
    if case.method.family == "bilateral":
        np.testing.assert_allclose(case.log(same), 0, **CLOSE)
    else:
        np.testing.assert_allclose(case.levels(same), 0, rtol=0, atol=1e-8)


CHECKS: dict[str, Callable[[Case], None]] = {
    "time reversal": time_reversal,
    "units of measure": units_of_measure,
    "mean value": mean_value,
    "factor reversal": factor_reversal,
    "transitive": transitive,
    "identity": identity,
}

# A row's properties are those of its default parameters. These settings lack one of them, as their formula does.
EXCEPT = {
    ("agmean[sigma=2.0]", "mean value"): "sigma outside 0..1 makes a negative weight",
    ("geks_of[value_index]", "identity"): "a value index is no price index",
    ("geks_of[unit_value_index]", "identity"): "a unit value moves with the quantities",
    ("geks_of[unit_value_index]", "units of measure"): "a unit value adds quantities of all products",
    ("geksiqm[r=0.3]", "identity"): "of the implicit quadratic means only orders 1 and 2 pass it",
    ("tdh[weights=shares]", "identity"): "shares move with the quantities",
    ("tdh[bias_correction=True]", "identity"): "each period is corrected by its own variance",
    ("tdh[bias_correction=True]", "transitive"): "the correction is that of the difference from the first period",
}

DECLARED = [
    pytest.param(case, name, id=f"{case.name}: {name}")
    for case in CASES
    for name in case.method.properties
    if (case.name, name) not in EXCEPT
]


@pytest.mark.parametrize(("case", "name"), DECLARED)
def test_declared(case: Case, name: str) -> None:
    assert name in CHECKS, f"{case.name} declares {name!r}, which no test knows"
    CHECKS[name](case)


def case_named(name: str) -> Case:
    return next(c for c in CASES if c.name == name)


@pytest.mark.parametrize(("name", "lacking"), EXCEPT)
def test_the_exceptions_are_real(name: str, lacking: str) -> None:
    """Otherwise the list above hides what is true."""
    case = case_named(name)
    assert lacking in case.method.properties
    with pytest.raises(AssertionError):
        CHECKS[lacking](case)


def test_every_method_with_a_property_is_tested() -> None:
    tested = {(case.method.name, name) for case, name in (p.values for p in DECLARED)}
    assert tested == {(m.name, name) for m in TABLE.values() for name in m.properties}
    assert {m.name for m in TABLE.values()} == {name for name, _ in tested}


@pytest.mark.parametrize(
    ("name", "lacking"),
    [
        ("carli", "time reversal"),
        ("laspeyres", "time reversal"),
        ("dutot", "units of measure"),
        ("unit_value_index", "units of measure"),
        ("walsh_vartia", "mean value"),
        ("hlc", "mean value"),
        ("vartia", "mean value"),
        ("value_index", "mean value"),
        ("tornqvist", "factor reversal"),
        ("walsh", "factor reversal"),
        ("fisher", "transitive"),
        ("carli", "transitive"),
        ("value_index", "identity"),
        ("unit_value_index", "identity"),
    ],
)
def test_a_wrong_declaration_would_be_found(name: str, lacking: str) -> None:
    with pytest.raises(AssertionError):
        CHECKS[lacking](case_named(name))


# -- properties that the table does not name
NOT_PROPORTIONAL = {"walsh_vartia", "hlc", "vartia", "lehr", "value_index", "unit_value_index", "tpd_bilateral"}
BILATERAL = [c for c in CASES if c.method.family == "bilateral"]


@pytest.mark.parametrize(
    "case", [c for c in BILATERAL if c.name not in ("value_index", "unit_value_index")], ids=lambda c: c.name
)
def test_bilateral_identity(case: Case) -> None:
    if case.name != "agmean[sigma=2.0]":
        identity(case)


@SETTINGS
@given(complete(periods=3), st.floats(0.1, 10))
def proportionality(case: Case, panel: Panel, factor: float) -> None:
    """All prices times one number give that number."""
    P = np.column_stack([panel.P[:, :2], panel.P[:, 1] * factor])
    np.testing.assert_allclose(case.log(Panel(P, panel.Q), 1, 2), np.log(factor), **CLOSE)


@pytest.mark.parametrize("case", [c for c in BILATERAL if c.method.name not in NOT_PROPORTIONAL], ids=lambda c: c.name)
def test_proportionality(case: Case) -> None:
    proportionality(case)


@pytest.mark.parametrize("name", sorted(NOT_PROPORTIONAL - {"tpd_bilateral", "unit_value_index"}))
def test_not_proportional(name: str) -> None:
    """Known of these formulas (their weights do not sum to one, or they are no price index)."""
    with pytest.raises(AssertionError):
        proportionality(case_named(name))


@SETTINGS
@given(complete(periods=2), st.integers(0, 5), st.floats(1.01, 3))
def monotonicity(case: Case, panel: Panel, product: int, factor: float) -> None:
    """A higher price now, quantities as they were, never lowers the index."""
    P = panel.P.copy()
    P[product % len(P), 1] *= factor
    Q = np.repeat(panel.Q[:, :1], 2, axis=1)
    assert case.log(Panel(P, Q)) >= case.log(Panel(panel.P, Q)) - 1e-12


@pytest.mark.parametrize(
    "name", ["carli", "jevons", "dutot", "harmonic", "cswd", "laspeyres", "paasche", "fisher", "walsh", "lowe", "young"]
)
def test_monotonicity(name: str) -> None:
    monotonicity(case_named(name))


@SETTINGS
@given(complete(periods=2))
def test_order_of_the_elementary_means(panel: Panel) -> None:
    """Harmonic <= Jevons <= Carli, and the two between them (CPI Manual, chapter 8)."""
    h, j, c, cswd = (case_named(n).log(panel) for n in ("harmonic", "jevons", "carli", "cswd"))
    assert h <= j + 1e-12
    assert j <= c + 1e-12
    assert h - 1e-12 <= cswd <= c + 1e-12


@SETTINGS
@given(complete(periods=2))
def test_equal_by_another_way(panel: Panel) -> None:
    """Formulas that are one another for some value of a parameter."""

    def log(name: str, **params: float) -> float:
        return Case(TABLE[name], params, name).log(panel)

    same = {"rtol": 0, "atol": 1e-9}
    np.testing.assert_allclose(log("lloyd_moulton", sigma=1), log("geolaspeyres"), **same)
    np.testing.assert_allclose(log("lloyd_moulton", sigma=0), log("laspeyres"), **same)
    np.testing.assert_allclose(log("lloyd_moulton", sigma=2), log("harmonic_laspeyres"), **same)
    np.testing.assert_allclose(log("quadratic_mean", r=2), log("fisher"), **same)
    np.testing.assert_allclose(log("quadratic_mean", r=0), log("tornqvist"), **same)
    np.testing.assert_allclose(log("quadratic_mean", r=1), log("quadratic_mean_r1"), **same)
    np.testing.assert_allclose(log("agmean", sigma=0), log("laspeyres"), **same)
    np.testing.assert_allclose(log("agmean", sigma=1), log("geolaspeyres"), **same)
    np.testing.assert_allclose(log("tpd_bilateral"), log("tornqvist"), **same)
    np.testing.assert_allclose(log("lowe", weight_base_period=0), log("laspeyres"), **same)
