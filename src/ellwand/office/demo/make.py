"""Making the demo: folder, market, people, registers, two years of released weeks, one open round."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from ellwand.engine.errors import DataError
from ellwand.market import simulate
from ellwand.office import clock, setup
from ellwand.office import home as homes
from ellwand.office.accounts.models import User
from ellwand.office.demo import articles, contacts, people
from ellwand.office.demo.history import History
from ellwand.office.demo.open_round import open_round, shorten
from ellwand.office.demo.people import Account
from ellwand.office.demo.weeks import weeks
from ellwand.office.editorial import metadata
from ellwand.office.home import Home
from ellwand.office.quotes.bulk import Bringer
from ellwand.office.registry import calendar
from ellwand.office.registry.market import import_market
from ellwand.office.registry.models import Issue
from ellwand.office.rounds import work
from ellwand.office.rounds.models import Round

Progress = Callable[[int, int, str], None]
WEEKS, ITEMS, UNITS, SEED = 104, 1600, 1000, 7
STATEMENTS = {
    "scope": (
        "模拟的纺织品市场：原料、坯布、服装面料、家纺、辅料",
        "A simulated textile market: raw materials to accessories",
    ),
    "source": ("程序模拟的样本单位报价", "Quotes of sample units, simulated by a program"),
    "licence": ("知识共享署名 4.0", "Creative Commons Attribution 4.0"),
    "contact": ("演示系统，无对外联系方式；部署时填写", "A demonstration without an address; an office states its own"),
}  # fmt: skip
"""What the demo says of its index beyond what the registers say."""


NOTICE = timedelta(days=35)
"""How long before its cut-off a week without an issue is announced."""


@dataclass(frozen=True)
class Demo:
    """A demo that is ready. folder : of its office. accounts : by name. open : its open round."""

    folder: Path
    accounts: dict[str, Account]
    open: Round
    released: tuple[str, ...]


def make(
    folder: str | Path,
    *,
    count: int = WEEKS,
    items: int = ITEMS,
    units: int = UNITS,
    seed: int = SEED,
    version: str = "",
    progress: Progress | None = None,
) -> Demo:
    """Make an office in a new or empty folder, on a market that is simulated up to this week.

    count : released weeks, 2 or more. DataError for a folder that holds anything.
    """
    if count < 2:
        raise DataError(f"weeks {count}: a demo shows 2 or more")
    home = setup.use(homes.create(folder, clock="trusted", senders=("file",)))
    setup.migrate()
    shown = weeks(count, clock.now(), home.calendar)
    market = home.path / "market"
    simulate(market, weeks=shown.count, items=items, units=units, seed=seed, start=shown.first, progress=progress)
    contacts.give(market)
    accounts = people.make()
    people.keep(accounts, home.path)
    clerk = people.user(people.CLERK)
    import_market(market, clerk, reason="the simulated market of the demo")
    _state(people.user(people.AUTHOR))
    _close(home, shown.closed)
    rounds = _bring(home, market, shown.released, progress)
    History(home, version).live(rounds, progress)
    articles.publish(home, shown.released)
    opened = open_round(market, shown.open)
    shorten(opened)
    calendar.ahead(clerk)
    return Demo(home.path, accounts, opened, shown.released)


def _state(author: User) -> None:
    for name, (zh, en) in STATEMENTS.items():
        metadata.state(name, zh, en, author)


def _close(home: Home, periods: tuple[str, ...]) -> None:
    """Weeks without an issue, announced in the calendar with their reason."""
    clerk = people.user(people.CLERK)
    for period in periods:
        cutoff, release = home.calendar.instants(period)
        with clock.at(cutoff - NOTICE):
            now = clock.now()
            Issue(
                family=work.FAMILY, period=period, number=1, cutoff_at=cutoff, release_at=release, skipped=True,
                by=clerk, at=now, reason="春节休市 / Spring Festival: the market is closed",
            ).save()  # fmt: skip


def _bring(home: Home, market: Path, periods: tuple[str, ...], progress: Progress | None) -> list[Round]:
    """The rounds of the released weeks with their quotes, each at the instant of its cut-off."""
    clerk, collector = people.user(people.CLERK), people.user(people.COLLECTS)
    bringer, out = Bringer(market, collector, periods=periods), []
    for done, period in enumerate(periods):
        cutoff, _ = home.calendar.instants(period)
        with clock.at(cutoff):
            out.append(work.plan(period, clerk))
            bringer.bring(period, planner=clerk)
        if progress:
            progress(done + 1, len(periods), "weeks of quotes")
    return out
