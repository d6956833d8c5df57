"""Rounds that are compiled, and their texts."""

from collections.abc import Callable
from typing import Any

import pytest

OWN = {
    "zh": "样本稳定，推算主要来自未报价的单位，没有采用人工判断的数值。",
    "en": "The sample was stable; imputation fills units that did not report; no value was judged by hand.",
}


@pytest.fixture
def compiled() -> Callable[..., Any]:
    """Compile the first weeks of an office: a function of office and number of weeks; the last round."""

    def make(office: Any, weeks: int = 2) -> Any:
        from ellwand.office.rounds import compiling

        for k in range(1, weeks + 1):
            found = office.collect(f"2022-W{k:02d}")
            office.review(found)
            compiling.compile_round(found.code, office.user("max"), sign="a small market")
        return found

    return make


@pytest.fixture
def written(compiled: Callable[..., Any]) -> Callable[..., Any]:
    """The same with texts and rationale."""

    def make(office: Any, weeks: int = 2) -> Any:
        from ellwand.office.editorial import drafts, rationale

        found = compiled(office, weeks)
        drafts.generate(found, office.user("wen"))
        rationale.save(found, OWN, office.user("wen"))
        return found

    return make
