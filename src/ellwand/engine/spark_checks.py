"""Rows of a Spark DataFrame and the rules that they must keep; rows without numbers are named by their labels."""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, NoReturn

import pyarrow as pa
from pyspark.sql import functions as fn
from pyspark.sql import types as st

from ellwand.engine.cells import SHOWN, Columns
from ellwand.engine.errors import DataError
from ellwand.engine.periods import text_of

NUMBER = r"^\s*[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?\s*$"
LABEL = "every row needs a {}"


@contextmanager
def without_pandas_warning() -> Iterator[None]:
    """Without PySpark's warning about pandas 3: this driver hands Arrow tables over and uses no pandas."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="PySpark does not yet fully support pandas")
        yield


@dataclass(frozen=True)
class Rule:
    """A condition that no row may meet. name, internal : the column in the caller's words and in the frame."""

    name: str
    internal: str
    broken: Any
    text: str


@dataclass(frozen=True)
class Rows:
    """Rows with a price under short column names: b0... (strata), t (period), i (product), p, q, x0... (extra).

    names : the caller's names. columns : the short ones.
    """

    frame: Any
    names: Columns
    columns: Columns
    rules: tuple[Rule, ...]

    @classmethod
    def of(cls, data: Any, names: Columns, needs_quantity: bool) -> "Rows":
        by = tuple(f"b{k}" for k in range(len(names.by)))
        extra = tuple(f"x{k}" for k in range(len(names.extra)))
        columns = Columns("t", "i", "p", "q" if names.quantity else None, by, extra)
        quoted = [fn.col(f"`{name.replace('`', '``')}`") for name in _order(names)]
        frame = data.select(*(c.alias(short) for c, short in zip(quoted, _order(columns), strict=True)))
        return cls(frame.filter(fn.col("p").isNotNull()), names, columns, _rules(frame, names, columns, needs_quantity))

    def result(self) -> list[Any]:
        """Fields of the result, under the short names."""
        kinds = {f.name: f.dataType for f in self.frame.schema.fields}
        own = [(name, kinds[name]) for name in (*self.columns.by, "t")]
        numbers = [("index", st.DoubleType()), ("matched", st.LongType()), ("status", st.StringType())]
        return [st.StructField(name, kind) for name, kind in own + numbers]

    def arrow_schema(self, schema: Any) -> pa.Schema:
        """A Spark schema as Arrow's, with the time zone of the session."""
        from pyspark.sql.pandas.types import to_arrow_schema

        zone = self.frame.sparkSession.conf.get("spark.sql.session.timeZone")
        return to_arrow_schema(schema, timezone=zone)

    def digits(self, name: str) -> int | None:
        """Digits after the point of an integer or decimal column; None for a column of doubles."""
        kind = self.frame.schema[name].dataType
        if isinstance(kind, st.DecimalType):
            return int(kind.scale)
        return 0 if isinstance(kind, st.IntegralType) else None


def _order(columns: Columns) -> list[str]:
    names = [*columns.by, columns.period, columns.product, columns.price]
    return [*names, *((columns.quantity,) if columns.quantity else ()), *columns.extra]


def _rules(frame: Any, names: Columns, columns: Columns, needs_quantity: bool) -> tuple[Rule, ...]:
    kinds = {f.name: f.dataType for f in frame.schema.fields}
    rules = [
        Rule(name, short, fn.col(short).isNull(), LABEL.format(name))
        for name, short in ((names.period, "t"), (names.product, "i"), *zip(names.by, columns.by, strict=True))
    ]

    def finite(short: str) -> Any:
        # In Spark NaN is larger than every number, infinity included.
        return fn.col(short).cast("double") < fn.lit(float("inf"))

    price = "a price must be a finite number above 0"
    rules.append(Rule(names.price, "p", ~((fn.col("p") > 0) & finite("p")), price))
    if names.quantity:
        if needs_quantity:
            rules.append(Rule(names.quantity, "q", fn.col("q").isNull(), LABEL.format("quantity")))
        quantity = "a quantity must be a finite number, 0 or above"
        rules.append(Rule(names.quantity, "q", ~((fn.col("q") >= 0) & finite("q")), quantity))
    for name, short in zip(names.extra, columns.extra, strict=True):
        broken = fn.col(short).isNull()
        if isinstance(kinds[short], st.FractionalType):
            broken = broken | ~finite(short) | (fn.col(short).cast("double") == fn.lit(float("-inf")))
        rules.append(Rule(name, short, broken, "a hedonic method needs every characteristic, numbers finite"))
    return tuple(rules)


def refuse_text(rows: Rows) -> None:
    """DataError for a price or quantity column that holds no numbers, naming what is no number."""
    for name, short, role in ((rows.names.price, "p", "price"), (rows.names.quantity, "q", "quantity")):
        if name is None or short not in rows.frame.columns:
            continue
        kind = rows.frame.schema[short].dataType
        if isinstance(kind, st.NumericType | st.NullType):
            continue
        bad = rows.frame.filter(fn.col(short).isNotNull())
        if isinstance(kind, st.StringType):
            strange = bad.filter(~fn.col(short).rlike(NUMBER))
            bad = bad if strange.isEmpty() else strange
        values, labels = _first(rows, bad, short)
        raise DataError(
            f"field {name}: {values or 'empty'}: a {role} must be a number, and the column holds "
            f"{kind.simpleString()}{labels}; correct the text or convert the column"
        )


def refuse_rows(rows: Rows, rule: Rule, count: int) -> NoReturn:
    """DataError for rows that break a rule."""
    values, labels = _first(rows, rows.frame.filter(rule.broken), rule.internal)
    many = f"{count} rows" if count > 1 else "1 row"
    raise DataError(f"{many}, field {rule.name}: {values}: {rule.text}{labels}; correct the rows or leave them out")


def _first(rows: Rows, frame: Any, short: str) -> tuple[str, str]:
    """The values and the labels of the first rows, in the order of the labels."""
    columns = rows.columns
    found = frame.orderBy(*columns.by, "i", "t", "p").limit(SHOWN).toArrow().to_pylist()
    values = ", ".join("empty" if row[short] is None else text_of(row[short]) for row in found)
    where = [
        ", ".join(f"{n} {text_of(row[s])}" for n, s in zip(_labels(rows.names), _labels(columns), strict=True))
        for row in found
    ]
    return values, ("; the first: " + "; ".join(where) if where else "")


def _labels(columns: Columns) -> list[str]:
    return [*columns.by, columns.product, columns.period]


def refuse_duplicates(rows: Rows, on_duplicate: str) -> None:
    """DataError naming the first product that stands twice in a period, or that has no unit value there."""
    columns = rows.columns
    keys = [*columns.by, "i", "t"]
    numbers = [fn.count(fn.lit(1)).alias("n"), fn.min("p").alias("low"), fn.max("p").alias("high")]
    if columns.quantity:
        numbers.append(fn.max("q").alias("most"))
    bad = rows.frame.groupBy(*keys).agg(*numbers).filter(fn.col("n") > 1)
    if on_duplicate == "unit_value":
        bad = bad.filter(fn.coalesce(fn.col("most"), fn.lit(0)) == 0)
    found = bad.orderBy(*keys).limit(1).toArrow().to_pylist()
    if not found:
        return
    row, count = found[0], bad.count()
    product, period = text_of(row["i"]), text_of(row["t"])
    where = "".join(f", {n} {text_of(row[s])}" for n, s in zip(rows.names.by, columns.by, strict=True))
    more = f"; {count} such product-periods in all" if count > 1 else ""
    if on_duplicate == "unit_value":
        raise DataError(
            f"field {rows.names.quantity}: {product} in period {period}{where} has {row['n']} prices and no quantity "
            f"at all, so it has no unit value{more}; leave the rows with quantity 0 out"
        )
    remedy = "" if rows.names.by else ", or name the strata in by"
    times = {2: "twice"}.get(row["n"], f"{row['n']} times")
    prices = " and ".join(f"{float(row[k]):g}" for k in ("low", "high"))
    raise DataError(
        f"field {rows.names.product}: {product} stands {times} in period {period}{where} (prices {prices}){more}; "
        f"a product has one price in a period: merge them with on_duplicate='unit_value'{remedy}"
    )


__all__ = ["Rows", "Rule", "refuse_duplicates", "refuse_rows", "refuse_text", "without_pandas_warning"]
