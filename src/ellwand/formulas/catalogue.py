"""The one table of methods: the command, the interface, the documentation and the checks of arguments come from it."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any

from ellwand.formulas import bilateral as b
from ellwand.formulas.composition import Formula
from ellwand.formulas.dissimilarity import MATCHED, MEASURES, similarity_linked
from ellwand.formulas.geary_khamis import geary_khamis
from ellwand.formulas.geks import int_geks
from ellwand.formulas.panel import Array, Panel
from ellwand.formulas.systems import gerardi, ikle, rao_hajargasht
from ellwand.formulas.time_dummy import time_product_dummy

NUMBER, CHOICE, FLAG, PERIOD, COLUMNS = "number", "choice", "flag", "period", "columns"


@dataclass(frozen=True)
class Parameter:
    """A parameter of a method. kind: number, choice, flag, period (a label) or columns (names)."""

    kind: str
    default: Any = None
    choices: tuple[str, ...] = ()
    required: bool = False
    about: str = ""

    def check(self, method: str, name: str, value: Any) -> Any:
        """The value in its type; ValueError with the rule if it is not allowed."""
        if self.kind == NUMBER:
            try:
                number = float(value)
            except (TypeError, ValueError):
                number = float("nan")
            if isinstance(value, bool) or not abs(number) < float("inf"):
                raise ValueError(f"{method}: parameter {name} must be a finite number, given {value!r}")
            return number
        if self.kind == FLAG:
            if isinstance(value, str) and value.lower() in ("true", "false"):
                return value.lower() == "true"
            if not isinstance(value, bool):
                raise ValueError(f"{method}: parameter {name} must be true or false, given {value!r}")
            return value
        if self.kind == CHOICE and value not in self.choices:
            raise ValueError(f"{method}: parameter {name} is {value!r}; " + suggest(str(value), self.choices))
        if self.kind == COLUMNS:
            names = value.split(",") if isinstance(value, str) else list(value)
            if not names or not all(isinstance(n, str) and n for n in names):
                raise ValueError(f"{method}: parameter {name} must name at least one column, given {value!r}")
            return tuple(names)
        return value


@dataclass(frozen=True)
class Method:
    """A row of the table.

    family : "bilateral", "multilateral", "similarity" or "hedonic".
    formula, properties, reference : text for people.
    build : for bilateral methods the Formula from the parameters; for the others see `kind`.
    kind : "formula" (bilateral), "geks" (build gives the Formula to make transitive), "solver" (build gives a function
    from Panel to log levels), "linked" (the same, over all periods at once) or "hedonic".
    quantities : whether a quantity column is needed.
    weighted : GEKS with link periods weighted by their value.
    """

    name: str
    family: str
    formula: str
    reference: str
    build: Callable[..., Any]
    properties: tuple[str, ...] = ()
    params: dict[str, Parameter] = field(default_factory=dict)
    aliases: tuple[str, ...] = ()
    kind: str = "formula"
    quantities: bool = True
    weighted: bool = False

    def parameters(self, given: dict[str, Any]) -> dict[str, Any]:
        """Checked parameters with defaults; ValueError for an unknown, wrong or missing one."""
        for name in given:
            if name not in self.params:
                allowed = tuple(self.params) or ("none",)
                raise ValueError(f"{self.name}: unknown parameter {name!r}; " + suggest(name, allowed))
        out = {}
        for name, parameter in self.params.items():
            if given.get(name) is not None:
                out[name] = parameter.check(self.name, name, given[name])
            elif parameter.required:
                raise ValueError(f"{self.name}: parameter {name} is needed: {parameter.about}")
            else:
                out[name] = parameter.default
        return out


def suggest(given: str, allowed: Iterable[str]) -> str:
    """'did you mean ...? allowed: ...' for an unknown name."""
    names = sorted(allowed)
    near = get_close_matches(given.lower(), names, n=1, cutoff=0.5)
    return (f"did you mean {near[0]!r}? " if near else "") + f"allowed: {', '.join(names)}"


REVERSAL, UNITS, MEAN, FACTOR = "time reversal", "units of measure", "mean value", "factor reversal"
TRANSITIVE, IDENTITY = "transitive", "identity"
SIGMA = Parameter(NUMBER, 0.7, about="elasticity of substitution")
BASE_PERIOD = Parameter(PERIOD, required=True, about="the period that gives the weights, a value of the period column")
CHAIN = Parameter(
    CHOICE, None, MEASURES, about="link each period to the earlier one that is least unlike by this measure"
)
SHARES = Parameter(
    CHOICE, "matched", ("matched", "all"), about="shares within the matched pairs, or of everything sold"
)
LINKS = Parameter(
    CHOICE, "all", ("all", "available"), about="need a link between every pair of periods, or use those there are"
)

TABLE: dict[str, Method] = {}
ALIASES: dict[str, str] = {}


def add(method: Method) -> Method:
    """Put a method in the table. ValueError if a name or alias is taken."""
    for name in (method.name, *method.aliases):
        if name in TABLE or name in ALIASES:
            raise ValueError(f"method name {name!r} of {method.name!r} is taken by {ALIASES.get(name, name)!r}")
    TABLE[method.name] = method
    ALIASES.update(dict.fromkeys(method.aliases, method.name))
    return method


def get(name: str) -> Method:
    """The method of a name or synonym (upper or lower case, hyphens as underscores)."""
    key = str(name).strip().lower().replace("-", "_").replace(" ", "_")
    key = ALIASES.get(key, key)
    if key not in TABLE:
        raise ValueError(f"unknown method {name!r}; " + suggest(key, (*TABLE, *ALIASES)))
    return TABLE[key]


def _bilateral(
    name: str, make: Formula | Callable[..., Formula], formula: str, reference: str, *properties: str, **more: Any
) -> None:
    quantities = more.pop("quantities", True)
    params = more.pop("params", {})
    if quantities:
        params = {**params, "chain_method": CHAIN}
    build = (lambda: make) if isinstance(make, Formula) else make
    add(Method(name, "bilateral", formula, reference, build, properties, params, quantities=quantities, **more))


def _geks(name: str, make: Formula | Callable[..., Formula], of: str, reference: str, **more: Any) -> None:
    weighted = more.get("weighted", False)
    power = "g_k" if weighted else "1/T"
    formula = f"prod_k (X(k,t)/X(k,1))^({power}), X = {of}"
    build = (lambda: make) if isinstance(make, Formula) else make
    params = {**more.pop("params", {}), "links": LINKS}
    properties = (TRANSITIVE, IDENTITY, UNITS) if more.pop("units", True) else (TRANSITIVE, IDENTITY)
    add(Method(name, "multilateral", formula, reference, build, properties, params, kind="geks", **more))


def _solver(name: str, solve: Callable[[Panel], Array], formula: str, reference: str, **more: Any) -> None:
    properties = more.pop("properties", (TRANSITIVE, IDENTITY, UNITS))
    more.setdefault("kind", "solver")
    add(Method(name, "multilateral", formula, reference, lambda: solve, properties, **more))


def _fill() -> None:
    q = {"quantities": False}
    three = (REVERSAL, UNITS, MEAN)
    _bilateral("carli", b.CARLI, "mean r", "Carli 1764", UNITS, MEAN, **q)
    _bilateral("jevons", b.JEVONS, "exp(mean ln r)", "Jevons 1865", *three, TRANSITIVE, **q)
    _bilateral("dutot", b.DUTOT, "sum p^t / sum p^0", "Dutot 1738", REVERSAL, MEAN, TRANSITIVE, **q)
    _bilateral("harmonic", b.HARMONIC, "1 / mean(1/r)", "Coggeshall 1887", UNITS, MEAN, aliases=("coggeshall",), **q)
    _bilateral("cswd", b.CSWD, "sqrt(carli harmonic)", "Carruthers, Sellwood, Ward 1980; Dalén 1992", *three, **q)
    _bilateral(
        "bmw",
        b.BMW,
        "mean sqrt(r) / mean sqrt(1/r)",
        "Balk, Mehrhoff, Walsh; Dikhanov 2024",
        *three,
        aliases=("dikhanov", "ybmd", "balk_walsh"),
        **q,
    )
    _bilateral("cswdb", b.CSWDB, "sqrt(mean r / mean(q^t/q^0) mean(v^t/v^0))", "Balk 2008", UNITS)
    _bilateral("laspeyres", b.LASPEYRES, "sum p^t q^0 / sum p^0 q^0", "Laspeyres 1871", UNITS, MEAN)
    _bilateral("paasche", b.PAASCHE, "sum p^t q^t / sum p^0 q^t", "Paasche 1874", UNITS, MEAN)
    _bilateral("fisher", b.FISHER, "sqrt(L P)", "Fisher 1922", *three, FACTOR)
    _bilateral("drobisch", b.DROBISCH, "(L + P)/2", "Drobisch 1871", UNITS, MEAN, aliases=("sidgwick_bowley",))
    _bilateral("hlp", b.HLP, "2 / (1/L + 1/P)", "harmonic mean of L and P", UNITS, MEAN)
    _bilateral(
        "tornqvist",
        b.tornqvist,
        "exp(sum (s^0+s^t)/2 ln r)",
        "Törnqvist 1936",
        *three,
        params={"shares": SHARES},
        aliases=("tornqvist_theil",),
    )
    _bilateral("geolaspeyres", b.GEOLASPEYRES, "exp(sum s^0 ln r)", "-", UNITS, MEAN, aliases=("geometric_laspeyres",))
    _bilateral("geopaasche", b.GEOPAASCHE, "exp(sum s^t ln r)", "-", UNITS, MEAN, aliases=("geometric_paasche",))
    _bilateral("harmonic_laspeyres", b.HARMONIC_LASPEYRES, "1 / sum(s^0 / r)", "-", UNITS, MEAN)
    _bilateral("palgrave", b.PALGRAVE, "sum s^t r", "Palgrave 1886", UNITS, MEAN)
    _bilateral(
        "marshall_edgeworth",
        b.MARSHALL_EDGEWORTH,
        "sum p^t (q^0+q^t) / sum p^0 (q^0+q^t)",
        "Marshall 1887, Edgeworth 1925",
        *three,
    )
    _bilateral("walsh", b.WALSH, "sum p^t sqrt(q^0 q^t) / sum p^0 sqrt(q^0 q^t)", "Walsh 1901", *three)
    _bilateral(
        "geary_khamis",
        b.GEARY_KHAMIS,
        "sum p^t h / sum p^0 h, h = q^0 q^t/(q^0+q^t)",
        "Geary 1958, Khamis 1972",
        *three,
    )
    _bilateral(
        "bialek",
        b.BIALEK,
        "sqrt(A B), A with quantities min(q^0,q^t), B with max(q^0,q^t)",
        "Białek 2013",
        *three,
    )
    _bilateral("geowalsh", b.GEOWALSH, "exp(sum w ln r), w ~ sqrt(s^0 s^t)", "Walsh 1901", *three)
    _bilateral("walsh_vartia", b.WALSH_VARTIA, "exp(sum sqrt(s^0 s^t) ln r)", "von der Lippe 2007", REVERSAL, UNITS)
    _bilateral("theil1", b.THEIL1, "exp(sum w ln r), w ~ (s^0 s^t (s^0+s^t)/2)^(1/3)", "Theil 1973", *three)
    _bilateral("theil2", b.THEIL2, "as theil1 with values v in place of shares s", "von der Lippe 2007", *three)
    _bilateral("rao", b.RAO, "exp(sum w ln r), w ~ s^0 s^t/(s^0+s^t)", "Rao 1990", *three)
    _bilateral("hlc", b.HLC, "exp(sum 2 s^0 s^t/(s^0+s^t) ln r)", "-", REVERSAL, UNITS)
    _bilateral(
        "vartia",
        b.VARTIA,
        "exp(sum Lm(v^0,v^t)/Lm(V^0,V^t) ln r)",
        "Vartia 1976",
        REVERSAL,
        UNITS,
        FACTOR,
        aliases=("montgomery_vartia",),
    )
    _bilateral("sato_vartia", b.SATO_VARTIA, "exp(sum w ln r), w ~ Lm(s^0,s^t)", "Sato, Vartia 1976", *three, FACTOR)
    _bilateral(
        "stuvel",
        b.STUVEL,
        "A + sqrt(A^2 + V), A = (L - Q)/2, V the value ratio, Q Laspeyres' quantity index",
        "Stuvel 1957",
        REVERSAL,
        UNITS,
        FACTOR,
    )
    _bilateral("lehr", b.LEHR, "V sum(u q^0)/sum(u q^t), u = (v^0+v^t)/(q^0+q^t)", "Lehr 1885", REVERSAL, UNITS)
    _bilateral("banerjee", b.BANERJEE, "V sum (p^0+p^t) q^0 / sum (p^0+p^t) q^t", "Banerjee 1977", REVERSAL, UNITS)
    _bilateral("davies", b.DAVIES, "V sum sqrt(p^0 p^t) q^0 / sum sqrt(p^0 p^t) q^t", "Davies 1924", REVERSAL, UNITS)
    _bilateral(
        "quadratic_mean_r1",
        b.quadratic_mean(1),
        "sum s^0 sqrt(r) / sum s^t sqrt(1/r)",
        "Diewert 1976",
        *three,
        aliases=("implicit_walsh",),
    )
    _bilateral(
        "quadratic_mean",
        b.quadratic_mean,
        "(sum s^0 r^(r/2) / sum s^t r^(-r/2))^(1/r)",
        "Diewert 1976",
        *three,
        params={"r": Parameter(NUMBER, 2.0, about="order; 2 is Fisher, 0 Törnqvist")},
    )
    _bilateral(
        "lloyd_moulton",
        b.lloyd_moulton,
        "(sum s^0 r^(1-sigma))^(1/(1-sigma))",
        "Lloyd 1975, Moulton 1996",
        UNITS,
        MEAN,
        params={"sigma": SIGMA},
    )
    _bilateral(
        "agmean",
        b.agmean,
        "sigma geolaspeyres + (1-sigma) laspeyres",
        "Lent, Dorfman 2009",
        UNITS,
        MEAN,
        params={"sigma": SIGMA},
    )
    _bilateral("value_index", b.VALUE_INDEX, "sum v^t / sum v^0", "value of the matched pairs", REVERSAL, UNITS)
    _bilateral("unit_value_index", b.UNIT_VALUE, "(sum v^t/sum q^t) / (sum v^0/sum q^0)", "-", REVERSAL)
    _bilateral(
        "tpd_bilateral",
        b.TimeDummy,
        "exp(d - V/2), d = sum h ln r / sum h",
        "Summers 1973, Kennedy 1981",
        UNITS,
        params={
            "weights": Parameter(CHOICE, "average", ("average", "shares", "unweighted"), about="h"),
            "kennedy_bias_adjust": Parameter(FLAG, False, about="less half the variance of the estimate"),
        },
    )
    wb = {"params": {"weight_base_period": BASE_PERIOD}}

    def fixed(formula: Formula) -> Callable[..., Formula]:
        return lambda weight_base_period: formula

    # The correlations of hybrid's weights change with the units of single products.
    hybrid = "sum w r, w a correlation-weighted mean of three periods' shares at q^b"
    for name, made, text, author, properties in (
        ("lowe", b.LOWE, "sum p^t q^b / sum p^0 q^b", "Lowe 1823", (UNITS, MEAN)),
        ("young", b.YOUNG, "sum w r, w = share of p^b q^b", "Young 1812", (UNITS, MEAN)),
        ("geolowe", b.GEOLOWE, "exp(sum w ln r), w ~ p^0 q^b", "-", (UNITS, MEAN)),
        ("geoyoung", b.GEOYOUNG, "exp(sum w ln r), w ~ p^b q^b", "-", (UNITS, MEAN)),
        ("hybrid", b.HYBRID, hybrid, "Białek 2020", (MEAN,)),
        ("geohybrid", b.GEOHYBRID, "exp(sum w ln r) with the weights of hybrid", "Białek 2020", (MEAN,)),
    ):
        add(Method(name, "bilateral", text, author, fixed(made), properties, dict(wb["params"])))

    gini = "Gini 1931, Eltetö, Köves, Szulc 1964"
    _geks("geks_fisher", b.FISHER, "Fisher", gini, aliases=("geks", "geks_f"))
    _geks(
        "geks_tornqvist",
        b.tornqvist,
        "Törnqvist",
        "Caves, Christensen, Diewert 1982",
        params={"shares": SHARES},
        aliases=("ccdi", "geks_t"),
    )
    _geks("geks_walsh", b.WALSH, "Walsh", gini, aliases=("geks_w",))
    _geks("geks_jevons", b.JEVONS, "Jevons", gini, quantities=False, aliases=("geks_j",))
    _geks("geks_tpd", b.TORNQVIST, "bilateral time product dummy, average shares (= Törnqvist)", "-")
    _geks(
        "geks_of",
        _named,
        "any bilateral formula without parameters",
        gini,
        params={"formula": Parameter(CHOICE, required=True, choices=_plain(), about="name of a bilateral method")},
    )
    _geks("wgeks", b.FISHER, "Fisher, g_k = share of period k in the value of the window", "Białek 2023", weighted=True)
    for name, compared, text, author in (
        ("geksl", b.LASPEYRES, "Laspeyres", "Białek 2022"),
        ("geksgl", b.GEOLASPEYRES, "geometric Laspeyres", "Białek 2022"),
        ("geksaqu", b.ASYMMETRIC_QUANTITY_UNIT_VALUE, "sum q^k p^t / sum q^k m, m window unit values", "Białek 2023"),
        ("geksaqi", b.ASYMMETRIC_QUANTITY_INDEX, "sum m q^k r / sum m q^k", "Białek 2023"),
        ("geksgaqi", b.ASYMMETRIC_QUANTITY_GEOMETRIC, "exp(sum m q^k ln r / sum m q^k)", "Białek, Pawelec 2025"),
    ):
        _geks(name, compared, text, author)
        _geks("w" + name, compared, text + ", g_k = value share of period k", author, weighted=True)
    r = {"r": Parameter(NUMBER, 2.0, about="order of the quadratic mean; 2 is Fisher")}
    _geks("gekslm", b.lloyd_moulton, "Lloyd-Moulton", "Białek", params={"sigma": SIGMA})
    _geks("geksqm", b.quadratic_mean, "quadratic mean of order r", "Diewert 1976", params=r)
    _geks("geksiqm", b.implicit_quadratic_mean, "implicit quadratic mean of order r", "Diewert 1976", params=dict(r))
    # Chained over links whose products differ: the order of the periods counts.
    _solver(
        "int_geks",
        int_geks,
        "chained, links on products of t-1, k and t",
        "Lamboray, Krsinich 2015",
        properties=(IDENTITY, UNITS),
    )

    _solver("wtpd", time_product_dummy, "ln p_it = a_i + d_t, weights s_it; exp(d_t - d_1)", "Rao 1990")
    _solver(
        "tpd_unweighted",
        lambda p: time_product_dummy(p, weighted=False),
        "ln p_it = a_i + d_t, weights 1; exp(d_t - d_1)",
        "Summers 1973",
        aliases=("utpd", "tpd"),
        quantities=False,
    )
    _solver(
        "gk",
        geary_khamis,
        "m_i = sum_t (v_it/I_t)/sum_t q_it; I_t = sum_i v_it / sum_i m_i q_it",
        "Geary 1958, Khamis 1972",
        aliases=("geary_khamis_multilateral",),
    )
    _solver(
        "rao_multilateral",
        time_product_dummy,
        "ln m_i = sum_t s_it ln(p_it/I_t)/sum_t s_it; ln I_t = sum_i s_it ln(p_it/m_i)",
        "Rao 1990 (its solution is that of wtpd)",
    )
    _solver("ikle", ikle, "1/m_i = sum_t s_it I_t/p_it / sum_t s_it; 1/I_t = sum_i s_it m_i/p_it", "Iklé 1972")
    _solver(
        "rhajargasht",
        rao_hajargasht,
        "m_i = sum_t s_it p_it/I_t / sum_t s_it; I_t = sum_i s_it p_it/m_i",
        "Rao, Hajargasht 2016",
        aliases=("rao_hajargasht",),
    )
    _solver("gerardi", gerardi, "m_i = geometric mean of p_it; 1/I_t = sum_i s_it m_i/p_it", "Gerardi 1982")
    _solver(
        "spq",
        lambda p: similarity_linked(p, b.FISHER, "spq"),
        "Fisher links to the earlier period least unlike by min(D_p, D_q)",
        "Diewert 2020",
        properties=(IDENTITY, UNITS),
        kind="linked",
    )
    columns = Parameter(COLUMNS, required=True, about="columns that describe the product, numbers or categories")
    add(
        Method(
            "tdh",
            "hedonic",
            "ln p_it = a + sum_k b_k z_ik + d_t; exp(d_t - d_1)",
            "CPI Manual 2020, chapters 6 and 7",
            lambda **params: None,
            (TRANSITIVE, IDENTITY, UNITS),
            {
                "characteristics": columns,
                "weights": Parameter(CHOICE, "equal", ("equal", "shares"), about="weights of the observations"),
                "bias_correction": Parameter(FLAG, False, about="less half the variance of each period effect"),
            },
            aliases=("time_dummy_hedonic",),
            kind="hedonic",
            quantities=False,
        )
    )


def _named(formula: str) -> Formula:
    method = get(formula)
    given = method.parameters({})
    given.pop("chain_method", None)
    made: Formula = method.build(**given)
    return made


def _plain() -> tuple[str, ...]:
    """Bilateral methods whose parameters are all optional."""
    return tuple(
        m.name
        for m in TABLE.values()
        if m.family == "bilateral" and m.quantities and not any(p.required for p in m.params.values())
    )


_fill()

__all__ = ["ALIASES", "MATCHED", "TABLE", "Method", "Parameter", "add", "get", "suggest"]
