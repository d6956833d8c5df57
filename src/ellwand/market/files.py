"""The files that an index office would have: classification, registers, baskets and quotes."""

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from ellwand.market.quotes import NAMES, Quotes
from ellwand.market.structure import FINISHES, GRADES, METHODS, NONE, Market
from ellwand.market.transactions import CODES, part_name
from ellwand.market.tree import Baskets
from ellwand.market.weeks import Weeks
from ellwand.market.write import decimals, named, write_csv, write_parquet


def listing(weeks: Weeks, *, with_transactions: bool) -> dict[str, str]:
    """The files of a simulated market and what each holds."""
    out = {
        "classification.csv": "classes from the general index to the elementary aggregates",
        "sources.csv": "markets, streets and districts where prices are taken",
        "units.csv": "sample units",
        "items.csv": "representative products with their specifications",
        "assignments.csv": "which unit is expected to quote which item, and when",
        "closures.csv": "weeks in which a unit is closed",
        "basket.csv": "weights of the elementary aggregates, one basket a year",
    }
    out |= {f"quotes/{year}.parquet": f"quotes of {year}" for year in sorted({int(y) for y in weeks.years})}
    out |= {
        "truth/classes.csv": "true index of every class, first week 1",
        "truth/population.csv": "index of every class over a large population of sellers, first week 1",
        "truth/prices.parquet": "true price level of every item in force",
        "truth/replacements.csv": "quality ratio of every replacement, and its week of overlap",
        "truth/errors.parquet": "every quote that differs from the true price, with the kind of error",
    }
    if with_transactions:
        out["truth/transactions.csv"] = "true trend of the regular prices of every stratum of transactions"
        out |= {part_name(code): f"transactions of stratum {code}" for code in CODES}
    return out


def item_names(market: Market) -> list[str]:
    """Item codes."""
    return [f"I{k + 1:05d}" for k in range(market.items.slot.size)]


def unit_names(market: Market) -> list[str]:
    """Unit codes."""
    return [f"U{k + 1:04d}" for k in range(market.units.slot.size)]


def _span(weeks: Weeks, first: int, last: int) -> tuple[str, str]:
    """First and last period as text; empty where the thing is still there at the end."""
    return weeks.labels[first], weeks.labels[last] if last < len(weeks) else ""


def write_registry(folder: Path, market: Market, weeks: Weeks, closed: NDArray[np.bool_], baskets: Baskets) -> None:
    """Classification, sources, units, items, assignments, closures and baskets."""
    begin = weeks.labels[0]
    write_csv(
        folder / "classification.csv",
        ["code", "parent", "level", "name_zh", "name_en", "valid_from", "valid_to"],
        ([*row, begin, ""] for row in market.tree.rows()),
    )
    write_csv(
        folder / "sources.csv",
        ["source", "name_zh", "name_en", "kind"],
        ([s["source"], s["name_zh"], s["name_en"], s["kind"]] for s in market.sources),
    )
    _write_units(folder, market, weeks)
    _write_items(folder, market, weeks)
    _write_assignments(folder, market, weeks)
    _write_closures(folder, market, weeks, closed)
    write_csv(
        folder / "basket.csv",
        ["valid_from", "ea", "weight", "weight_reference", "price_reference"],
        (
            [weeks.labels[first], code, f"{weight:.6f}", str(int(year) - 1), weeks.labels[reference]]
            for first, reference, year, weights in zip(
                baskets.first, baskets.reference, baskets.years, baskets.weights, strict=True
            )
            for code, weight in zip(market.tree.codes, weights, strict=True)
        ),
    )


def _write_units(folder: Path, market: Market, weeks: Weeks) -> None:
    rows = []
    for k, code in enumerate(unit_names(market)):
        slot = int(market.units.slot[k])
        source = market.sources[market.unit_source[slot]]
        if source["kind"] == "market":
            zone, booth = 1 + slot % 4, f"{1 + k // 4 % 3}-{101 + k}"
            zh, en = f"{source['name_zh']}{zone}区{booth}号", f"{source['name_en']}, zone {zone}, booth {booth}"
        else:
            zh, en = f"{source['name_zh']}{k + 1}号", f"{source['name_en']}, no. {k + 1}"
        span = _span(weeks, int(market.units.first[k]), int(market.units.last[k]))
        rows.append([code, source["source"], zh, en, *span])
    write_csv(folder / "units.csv", ["unit", "source", "name_zh", "name_en", "valid_from", "valid_to"], rows)


def _write_items(folder: Path, market: Market, weeks: Weeks) -> None:
    names, ends = item_names(market), market.item_last()
    rows = []
    for k, code in enumerate(names):
        ea = market.tree.aggregates[market.aggregate[market.items.slot[k]]]
        finish, grade = FINISHES[ea["code"][0]][market.finish[k]], GRADES[market.grade[k]]
        gsm = "" if np.isnan(market.gsm[k]) else f"{market.gsm[k]:g}"
        width = "" if np.isnan(market.width[k]) else f"{market.width[k]:g}"
        varied = [market.yarn[k]] if "|" in ea["yarn"] else []
        zh = " ".join(
            [
                ea["name_zh"],
                *varied,
                *([f"{gsm}克"] if gsm else []),
                *([f"{width}厘米"] if width else []),
                finish[0],
                grade[0],
            ]
        )
        en = ", ".join(
            [
                " ".join([ea["name_en"], *varied]),
                *([f"{gsm} gsm"] if gsm else []),
                *([f"{width} cm"] if width else []),
                finish[1],
                grade[1],
            ]
        )
        before = market.items.before[k]
        rows.append(
            [
                code, ea["code"], zh, en, ea["fibre"], market.yarn[k], ea["structure"], gsm, width, finish[1], grade[1],
                ea["unit"], *_span(weeks, int(market.items.first[k]), int(ends[k])),
                "" if before == NONE else names[before],
            ]
        )  # fmt: skip
    columns = ["item", "ea", "name_zh", "name_en", "composition", "yarn", "structure", "gsm", "width_cm", "finish"]
    columns += ["grade", "unit_of_measure", "valid_from", "valid_to", "replaces"]
    write_csv(folder / "items.csv", columns, rows)


def _write_assignments(folder: Path, market: Market, weeks: Weeks) -> None:
    """One row for each stretch of weeks in which the same unit is expected to quote the same item.

    Where the old item and its replacement overlap, the row of the old one ends in the first week of the new one.
    """
    item = market.items.at[market.pair_item]
    unit = market.units.at[market.pair_unit]
    change = np.ones(item.shape, dtype=bool)
    change[:, 1:] = (item[:, 1:] != item[:, :-1]) | (unit[:, 1:] != unit[:, :-1])
    pair, first = np.nonzero(change)
    last = np.append(first[1:], 0) - 1
    ends = np.append(pair[1:] != pair[:-1], True)
    real = item[pair, first] != NONE
    # An assignment that reaches the last week is open, unless its item or unit is known to end there.
    over = np.minimum(market.item_last()[item[pair, first]], market.units.last[unit[pair, first]])
    again = np.zeros((item.shape[0], item.shape[1] + 1), dtype=bool)
    again[market.overlaps()] = True
    last = np.where(ends, over, last + again[pair, np.where(ends, 0, last + 1)])[real]
    who, what = unit[pair, first][real], item[pair, first][real]
    order = np.lexsort((what, who))
    items, units = item_names(market), unit_names(market)
    write_csv(
        folder / "assignments.csv",
        ["unit", "item", "valid_from", "valid_to"],
        ([units[who[k]], items[what[k]], *_span(weeks, int(first[real][k]), int(last[k]))] for k in order),
    )


def _write_closures(folder: Path, market: Market, weeks: Weeks, closed: NDArray[np.bool_]) -> None:
    slot, week = np.nonzero(closed)
    unit = market.units.at[slot, week]
    units = unit_names(market)
    write_csv(
        folder / "closures.csv",
        ["unit", "period", "reason"],
        ([units[unit[k]], weeks.labels[week[k]], "spring_festival"] for k in np.lexsort((week, unit))),
    )


def write_quotes(folder: Path, market: Market, weeks: Weeks, quotes: Quotes) -> None:
    """Quotes by year, and the truth about their errors."""
    count = quotes.pair.size
    number = pc.utf8_lpad(pc.cast(pa.array(np.arange(1, count + 1)), pa.string()), 9, "0")
    names = pc.binary_join_element_wise("Q", number, "")
    weekday = (market.pair_unit[quotes.pair] + market.unit_source[market.pair_unit[quotes.pair]]) % 5
    days = (weeks.days()[quotes.week] + weekday).astype(np.int32)
    measure = [market.tree.aggregates[a]["unit"] for a in market.aggregate[market.items.slot]]
    table = pa.table(
        {
            "quote": names,
            "period": named(weeks.labels, quotes.week),
            "unit": named(unit_names(market), quotes.unit),
            "item": named(item_names(market), quotes.item),
            "price": decimals(quotes.reported, 12, 4),
            "unit_of_measure": named(measure, quotes.item),
            "currency": named(["CNY"], np.zeros(count, dtype=np.intp)),
            "collected_on": pa.array(days, pa.int32()).cast(pa.date32()),
            "collection_method": named(METHODS, market.unit_method[market.pair_unit[quotes.pair]]),
        }
    )
    year = weeks.years[quotes.week]
    for value in sorted({int(y) for y in weeks.years}):
        start, stop = np.searchsorted(year, [value, value + 1])
        write_parquet(folder / f"quotes/{value}.parquet", table.slice(start, stop - start))
    wrong = np.flatnonzero(quotes.kind >= 0)
    write_parquet(
        folder / "truth/errors.parquet",
        pa.table(
            {
                "quote": names.take(pa.array(wrong)),
                "kind": named(NAMES, quotes.kind[wrong].astype(np.intp)),
                "true_price": decimals(quotes.true[wrong], 12, 4),
                "reported_price": decimals(quotes.reported[wrong], 12, 4),
            }
        ),
    )
