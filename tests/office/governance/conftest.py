"""Offices whose first weeks have gone so far: each stage is worked through once, and every test gets a copy of it."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

FIRST, SECOND, THIRD = "2022-W01", "2022-W02", "2022-W03"


def _found(period: str = FIRST) -> Any:
    from ellwand.office.rounds import work

    return work.find(f"price-{period}")


def _approve(week: Any) -> None:
    for kind in ("statistics", "text"):
        week.approve(_found(), kind)


def _schedule(week: Any) -> None:
    from ellwand.office.approvals import scheduling

    scheduling.schedule(_found(), week.office.user("cai"))


def _publish(week: Any) -> None:
    from ellwand.office.rounds import work

    week.at(2022, 1, 10, 4)
    work.settle(_found())
    assert _found().state == "public"


def _second(week: Any) -> None:
    week.at(2022, 1, 16, 3)
    week.public(SECOND)


def _review(week: Any) -> None:
    """The second week in review, with quotes that the rules flag: errors by a factor, and jumps."""
    from decimal import Decimal

    from ellwand.office import clock
    from ellwand.office.quotes.models import Quote
    from ellwand.office.review import queue

    office = week.office
    week.at(2022, 1, 16, 3)
    office.collect(FIRST)
    found = office.collect(SECOND)
    rows = Quote.objects.current().filter(round=found, price__gt=1).order_by("item__code", "unit__code")
    for k, old in enumerate(rows[:6]):
        factor = Decimal(10) if k < 2 else Decimal("2.7183")
        Quote(
            round=found, unit=old.unit, item=old.item, version=2, supersedes=old, by=office.user("sun"),
            price=(old.price * factor).quantize(Decimal("0.01")), unit_of_measure=old.unit_of_measure,
            currency=old.currency, at=clock.now(), reason="test",
        ).save()  # fmt: skip
    office.review(found)
    queue.check(found, office.user("rui"))


def _compile_second(week: Any) -> None:
    """The second week compiled, what the rules flag signed away."""
    from ellwand.office.rounds import compiling

    week.at(2022, 1, 16, 3)
    compiling.compile_round(_found(SECOND).code, week.office.user("max"), sign="small market")


def _correct(week: Any) -> None:
    """A quote of the second week was wrong: a correction that is public an hour later."""
    from datetime import UTC, datetime

    from ellwand.office.approvals import corrections, sealing

    week.at(2022, 1, 17, 6)
    office, found = week.office, _found(SECOND)
    row = corrections.open_(
        "price-2022-W02-1", "price/total", SECOND, "data", office.user("cai"), cause_zh="一个样本单位的报价录入有误。",
        cause_en="The quote of one unit was typed wrongly.", found_by="the unit itself",
        found_how="it read its own price in the return", first_seen=datetime(2022, 1, 17, 5, tzinfo=UTC),
    )  # fmt: skip
    week.change_quote(SECOND)
    corrections.recompute(row, office.user("max"))
    corrections.write_texts(row, office.user("wen"))
    for kind in ("statistics", "text"):
        week.approve(found, kind, correction=row)
    sealing.seal(found, office.user("cai"), correction=row, at=datetime(2022, 1, 17, 7, tzinfo=UTC))


STAGES: dict[str, tuple[str, Callable[[Any], object]]] = {
    "furnished": ("", lambda week: None),
    "review": ("furnished", _review),
    "second_compiled": ("review", _compile_second),
    "compiled": ("furnished", lambda week: week.compiled()),
    "drafted": ("compiled", lambda week: week.written(_found())),
    "approved": ("drafted", _approve),
    "scheduled": ("approved", _schedule),
    "public": ("scheduled", _publish),
    "second": ("public", _second),
    "corrected": ("second", _correct),
}
"""Of each stage the one before it, and the work in between."""

SUNDAY = (2022, 1, 16, 3)
NOW = {
    "review": SUNDAY,
    "second_compiled": SUNDAY,
    "public": (2022, 1, 10, 6),
    "second": (2022, 1, 17, 6),
    "corrected": (2022, 1, 17, 6),
}
"""What the clock (UTC) shows at a stage, if not the Sunday before the first release."""


@pytest.fixture(scope="session")
def stages(
    tmp_path_factory: pytest.TempPathFactory, furnished: Path, market: Path, week_of: Any
) -> Callable[[str], Path]:
    """The folder of an office at a stage, which nobody may change."""
    made = {"furnished": furnished}

    def at(name: str) -> Path:
        if name not in made:
            before, act = STAGES[name]
            folder = tmp_path_factory.mktemp("stage") / name
            _copy(at(before), folder)
            with pytest.MonkeyPatch.context() as patch:
                act(week_of(folder, patch, market))
            _close()
            made[name] = folder
        return made[name]

    return at


def _copy(source: Path, target: Path) -> None:
    # What a release shares with the one before it stays shared.
    shutil.copytree(source, target, copy_function=shutil.copy2)


def _close() -> None:
    from ellwand.office import setup

    setup.disconnect("default")


@pytest.fixture
def stage(
    tmp_path: Path, stages: Callable[[str], Path], market: Path, week_of: Any, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[[str], Any]]:
    """An office of one's own at a stage, see `STAGES`: a function of the stage's name. On SQLite."""

    def take(name: str) -> Any:
        source = stages(name)
        folder = tmp_path / f"{name}-{len(list(tmp_path.glob(name + '-*')))}"
        _copy(source, folder)
        week = week_of(folder, monkeypatch, market)
        if name in NOW:
            week.at(*NOW[name])
        return week

    yield take
    _close()


@pytest.fixture
def found() -> Callable[..., Any]:
    """The round of a period, the first one if none is named."""
    return _found
