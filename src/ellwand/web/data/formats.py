"""A file of a series or a family in one format. Equal vintages give equal bytes: nothing of the day enters."""

import json
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from ellwand.office.releases.canonical import read_instant
from ellwand.office.releases.figures import Row
from ellwand.office.releases.heading import Heading
from ellwand.office.releases.jsonstat import write_jsonstat
from ellwand.office.releases.tables import write_observations
from ellwand.office.releases.workbook import write_workbook
from ellwand.web.data.csvw import csvw
from ellwand.web.data.px import px_text
from ellwand.web.data.vintages import SEALED, Vintage

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@dataclass(frozen=True)
class Format:
    """A format: its media type, its words, whether a series has it too."""

    kind: str
    zh: str
    en: str
    of_series: bool = True


FORMATS: dict[str, Format] = {
    "csv": Format("text/csv", "CSV 文本，UTF-8，逗号分隔", "CSV text, UTF-8, commas"),
    "xlsx": Format(XLSX, "Excel 工作簿", "Excel workbook"),
    "json": Format("application/json", "JSON-stat 2.0 数据集", "JSON-stat 2.0 dataset"),
    "px": Format("text/x-pcaxis", "PC-Axis 文件", "PC-Axis file"),
    "sqlite": Format("application/vnd.sqlite3", "SQLite 数据库", "SQLite database", of_series=False),
    "csv-metadata.json": Format("application/csvm+json", "CSV 的说明（CSVW）", "Description of the CSV (CSVW)"),
}
"""Formats by the ending of their address."""


@dataclass(frozen=True)
class SeriesHeading(Heading):
    """What the files of one series say of themselves."""

    code: str = ""
    name_zh: str = ""
    name_en: str = ""

    @property
    def title(self) -> str:
        """Market, series and release."""
        return f"{self.market_en}: {self.name_en} ({self.code}), {self.release}"

    @property
    def notes(self) -> tuple[tuple[str, str], ...]:
        """What a reader needs, with series and address."""
        return (
            ("series", f"{self.code} {self.name_zh} / {self.name_en}"),
            *super().notes[:-2],
            *(() if self.licence_en else (("licence", "see /about/"),)),
            ("full precision", f"/data/{self.code}.csv?vintage={self.release}"),
            super().notes[-1],
        )


def heading_of(made: Vintage, rows: Sequence[Row]) -> Heading:
    """What the files of a series say of themselves."""
    h, last = made.heading, rows[-1]
    return SeriesHeading(**asdict(h), code=last["code"], name_zh=last["name_zh"], name_en=last["name_en"])


def of_family(made: Vintage, ext: str) -> bytes:
    """A file of the whole family: as it was sealed, where the release holds it."""
    if ext in SEALED:
        return made.sealed(ext)
    if ext == "px":
        h = made.heading
        title = {"en": f"{h.market_en}: {h.family}, {h.release}", "zh": f"{h.market_zh}：{h.family}，{h.release}"}
        return px_text(made.rows(), h, title).encode("utf-8")
    return _json(csvw(made, None))


def of_series(made: Vintage, code: str, ext: str) -> bytes | None:
    """A file of one series; None where the vintage does not hold it."""
    rows = made.rows(code)
    if not rows:
        return None
    heading = heading_of(made, rows)
    if ext == "csv":
        return _written(lambda path: write_observations(path, rows))
    if ext == "json":
        return _written(lambda path: write_jsonstat(path, rows, heading))
    if ext == "xlsx":
        return _written(lambda path: write_workbook(path, rows, heading, read_instant(heading.at)))
    if ext == "px":
        last, release = rows[-1], heading.release
        title = {
            "en": f"{heading.market_en}: {last['name_en']} ({code}), {release}",
            "zh": f"{heading.market_zh}：{last['name_zh']}（{code}），{release}",
        }
        return px_text(rows, heading, title).encode("utf-8")
    return _json(csvw(made, rows[-1]))


def _written(write: Callable[[Path], None]) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "file"
        write(path)
        return path.read_bytes()


def _json(content: object) -> bytes:
    return (json.dumps(content, ensure_ascii=False, indent=1) + "\n").encode("utf-8")
