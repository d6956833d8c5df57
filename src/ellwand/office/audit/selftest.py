"""The self-test of a running office: what can be seen of the fifty features on its own record, archive and clock.

A check says of one feature whether it holds here and now, with a sentence in both languages that is fit for the public:
counts and dates, never a value of a release that is not public. Features that only a trial can show (a refused
approval, an altered byte) are proved by the tests of the program; of those it is said so. The worker runs all checks
every night and keeps what they found; the public page shows the last result.
"""

from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from importlib.metadata import version
from typing import NamedTuple

from django.db import transaction

from ellwand.office import clock
from ellwand.office.audit import trail
from ellwand.office.audit.features import FEATURES
from ellwand.office.audit.models import SelfTest

PASSED, FAILED, WAITS, PROVEN = "passed", "failed", "waits", "proven"
OUTCOMES: dict[str, tuple[str, str]] = {
    PASSED: ("通过", "passed"),
    FAILED: ("未通过", "failed"),
    WAITS: ("尚无可查", "nothing to check yet"),
    PROVEN: ("由程序测试证明", "proved by tests of the program"),
}
"""Outcomes of a line, and their names."""


class Found(NamedTuple):
    """What a check found: whether the feature holds, None where there is nothing to check yet; and why, in words."""

    holds: bool | None
    zh: str
    en: str


Check = Callable[[], Found]
CHECKS: dict[int, Check] = {}


@dataclass(frozen=True)
class Line:
    """A feature with what was found of it. outcome : see `OUTCOMES`. principle : the principle that asks for it."""

    number: int
    name_zh: str
    name_en: str
    principle: str
    outcome: str
    detail_zh: str
    detail_en: str


def check(number: int) -> Callable[[Check], Check]:
    """Make a function the check of a feature. ValueError for a number that is no feature, or that has a check."""
    if number not in FEATURES:
        raise ValueError(f"feature {number} is not there; there are 1 to {len(FEATURES)}")

    def keep(function: Check) -> Check:
        if CHECKS.get(number, function).__qualname__ != function.__qualname__:
            raise ValueError(f"feature {number} is checked by {CHECKS[number].__qualname__} already")
        CHECKS[number] = function
        return function

    return keep


def run(numbers: Iterable[int] | None = None) -> list[Line]:
    """Check features (all) now, in the order of their numbers. A check that falls is a feature that does not hold."""
    from ellwand.office.audit import live  # noqa: F401

    return [_line(number) for number in (FEATURES if numbers is None else numbers)]


def _line(number: int) -> Line:
    one = FEATURES[number]
    known = CHECKS.get(number)
    if known is None:
        said = ("需要通过试验才能看出，由程序的自动测试证明。", "Only a trial shows it: the tests of the program do.")
        return Line(number, one.zh, one.en, one.source, PROVEN, *said)
    try:
        # What a check reads, it reads of one state of the record; what it would write is taken back.
        with transaction.atomic():
            found = known()
    except Exception as error:
        found = Found(False, f"无法检查：{type(error).__name__}", f"It could not be checked: {type(error).__name__}.")
    outcome = WAITS if found.holds is None else PASSED if found.holds else FAILED
    return Line(number, one.zh, one.en, one.source, outcome, found.zh, found.en)


def keep() -> SelfTest:
    """Run all checks and keep what they found."""
    lines = run()
    with transaction.atomic():
        row = SelfTest(
            at=clock.now(),
            version=version("ellwand"),
            passed=sum(line.outcome == PASSED for line in lines),
            failed=sum(line.outcome == FAILED for line in lines),
            lines=[asdict(line) for line in lines],
        )
        row.save()
        failed = [line.number for line in lines if line.outcome == FAILED]
        trail.append(None, "selftest.run", f"selftest/{row.pk}", after={"passed": row.passed, "failed": failed})
    return row


def last() -> SelfTest | None:
    """The last self-test that was kept; None before the first one."""
    return SelfTest.objects.order_by("-pk").first()


def lines_of(row: SelfTest) -> list[Line]:
    """The lines of a self-test."""
    return [Line(**line) for line in row.lines]
