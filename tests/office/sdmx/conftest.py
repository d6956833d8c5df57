"""Offices whose figures are read as SDMX: the demo, and one with a correction."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

pytest.importorskip("pysdmx", reason="the packages of the extra sdmx are not installed")

ROOT = "/sdmx/v2/"
Get = Callable[..., Any]


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    from ellwand.office import setup
    from ellwand.office.demo.make import make

    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("DATABASE_URL", raising=False)
        yield make(tmp_path_factory.mktemp("sdmx") / "office", count=3, items=80, units=40, version="test")
        setup.disconnect("default")


@pytest.fixture
def get() -> Get:
    """An answer below /sdmx/v2/, for an Accept header."""
    from django.test import Client

    def ask(path: str, accept: str = "*/*", status: int = 200, **headers: str) -> Any:
        given = {f"HTTP_{k}": v for k, v in headers.items()}
        answer = Client(SERVER_NAME="localhost").get(ROOT + path.lstrip("/"), HTTP_ACCEPT=accept, **given)
        assert answer.status_code == status, answer.content.decode()[:2000]
        return answer

    return ask


@pytest.fixture
def corrected(week: Any) -> Any:
    """An office in which the second of three releases was corrected: the correction, and the office's week."""
    from ellwand.office.approvals import corrections, sealing

    office = week.office
    week.public()
    week.at(2022, 1, 16, 3)
    week.public("2022-W02")
    week.at(2022, 1, 23, 3)
    last = week.public("2022-W03")
    week.at(2022, 1, 24, 6)
    row = corrections.open_(
        "price-2022-W02-1", "price/total", "2022-W02", "data", office.user("cai"), cause_zh="录入有误。",
        cause_en="Typed wrongly.", found_by="the unit", found_how="its own price",
        first_seen=datetime(2022, 1, 17, 6, tzinfo=UTC),
    )  # fmt: skip
    week.change_quote("2022-W02")
    corrections.recompute(row, office.user("max"))
    corrections.write_texts(row, office.user("wen"))
    for kind in ("statistics", "text"):
        week.approve(last, kind, correction=row)
    sealing.seal(last, office.user("cai"), correction=row, at=datetime(2022, 1, 24, 7, tzinfo=UTC))
    return row, week
