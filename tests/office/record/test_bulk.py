"""Years of quotes brought in at once: the same rows as by imports, one act a period, and only of a simulated market."""

import json
import shutil
from pathlib import Path
from typing import Any

import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from ellwand.engine.errors import DataError


def test_all_periods_come_in(office: Any) -> None:
    from ellwand.office.audit import trail
    from ellwand.office.quotes.bulk import bring_quotes
    from ellwand.office.quotes.models import Import, Quote
    from ellwand.office.rounds import snapshot, work

    table = pq.read_table(office.quotes)
    brought = bring_quotes(office.market, office.user("sun"), planner=office.user("cai"))
    assert brought.quotes == table.num_rows == Quote.objects.count()
    # In the week of the New Year the whole market is closed.
    assert len(brought.rounds) == 7 == Import.objects.count()
    assert trail.verify()[2] is None
    # As if they had been imported: the inputs of a round have the same quotes.
    taken = snapshot.take(work.find(brought.rounds[1]))
    first = table.filter(pc.less_equal(table["period"], "2022-W02"))
    assert taken.quotes.num_rows == first.num_rows
    assert sorted(map(str, taken.quotes["price"].to_pylist())) == sorted(
        map(str, first["price"].cast(taken.quotes["price"].type).to_pylist())
    )
    with pytest.raises(DataError, match="has quotes already"):
        bring_quotes(office.market, office.user("sun"), planner=office.user("cai"))


def test_the_same_hash_as_by_import(sqlite_office: Any) -> None:
    from ellwand.office.quotes.bulk import bring_quotes
    from ellwand.office.rounds import snapshot, work

    found = sqlite_office.collect("2022-W01")
    imported = snapshot.take(found).quotes
    bring_quotes(
        sqlite_office.market, sqlite_office.user("sun"), planner=sqlite_office.user("cai"), periods=["2022-W02"]
    )
    later = snapshot.take(work.find("price-2022-W02")).quotes
    assert later.schema == imported.schema
    assert later.slice(0, imported.num_rows).equals(imported)


def test_only_a_simulated_market_and_its_own_periods(sqlite_office: Any, tmp_path: Path) -> None:
    from ellwand.office.quotes.bulk import bring_quotes

    with pytest.raises(DataError, match="has no quote of 2031-W01"):
        bring_quotes(sqlite_office.market, sqlite_office.user("sun"), periods=["2031-W01"])
    real = tmp_path / "real"
    shutil.copytree(sqlite_office.market, real)
    described = json.loads((real / "market.json").read_text(encoding="utf-8"))
    (real / "market.json").write_text(json.dumps({**described, "simulated": False}), encoding="utf-8")
    with pytest.raises(DataError, match="not simulated"):
        bring_quotes(real, sqlite_office.user("sun"))
