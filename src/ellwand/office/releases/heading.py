"""What every file of a release says about itself, in both languages."""

from dataclasses import dataclass

SIMULATED = (
    "模拟数据，与任何真实价格无关",
    "simulated figures, which say nothing about real prices",
)


@dataclass(frozen=True)
class Heading:
    """Market, release, instant, method and hash, the mark of simulated figures, and the licence where one is stated."""

    market_zh: str
    market_en: str
    currency: str
    release: str
    family: str
    period: str
    at: str
    method: str
    stat_hash: str
    decimals: int
    change_decimals: int
    simulated: bool
    licence_zh: str = ""
    licence_en: str = ""

    @property
    def title(self) -> str:
        """Market and release."""
        return f"{self.market_en}: {self.release}"

    @property
    def line(self) -> str:
        """One line for the top of a sheet."""
        mark = f"  {SIMULATED[0]} ({SIMULATED[1]})" if self.simulated else ""
        return f"{self.market_zh} {self.market_en}  {self.release}{mark}"

    @property
    def notes(self) -> tuple[tuple[str, str], ...]:
        """What a reader needs, as pairs of name and text."""
        return (
            ("market", f"{self.market_zh} / {self.market_en}"),
            ("release", self.release),
            ("period of the issue", self.period),
            ("public from", self.at),
            ("method", self.method),
            ("stat_hash", self.stat_hash),
            ("currency of the quotes", self.currency),
            ("levels", f"index, {self.decimals} decimals; an empty cell: no figure, see status"),
            ("changes", f"per cent, {self.change_decimals} decimals, on the previous issue, year start, last year"),
            ("contribution", "percentage points of the total's change on the previous issue"),
            ("grade", "A own reports, B mixed, C mostly imputed, S suppressed or not computable"),
            *((("licence", f"{self.licence_zh} / {self.licence_en}"),) if self.licence_en else ()),
            ("full precision", "outputs/history.csv of this release"),
            ("simulated", f"{SIMULATED[0]}; {SIMULATED[1]}" if self.simulated else "no"),
        )
