"""Items that moved: only those whose name says which item it is."""

import pyarrow as pa
import pytest

from ellwand.production.comment import item_changes


def _prices(names: list[tuple[str, str]]) -> pa.Table:
    return pa.table(
        {
            "item": [f"I{k}" for k in range(len(names))],
            "ea": ["1"] * len(names),
            "relative": [1.01] * len(names),
            "status": ["O"] * len(names),
            "item_zh": [zh for zh, _ in names],
            "item_en": [en for _, en in names],
        }
    )


def test_a_name_that_two_items_bear_is_not_spoken_of() -> None:
    found = item_changes(_prices([("纱", "yarn"), ("布", "cloth"), ("布", "grey cloth"), ("绸", "yarn")]))
    assert [item.code for item in found] == []
    found = item_changes(_prices([("纱", "yarn"), ("布", "cloth"), ("布", "grey cloth")]))
    assert [item.code for item in found] == ["I0"]
    assert found[0].change == pytest.approx(1.0)
