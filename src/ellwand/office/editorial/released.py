"""The facts of a release, from the record or from the release's folder alone, for whoever checks a text against it."""

from pathlib import Path

import pyarrow as pa

from ellwand.engine.errors import DataError
from ellwand.engine.periods import find, natural_key
from ellwand.formulas.catalogue import suggest
from ellwand.office.editorial.facts import facts_of, filled, table_of
from ellwand.office.editorial.models import Sheet
from ellwand.office.home import Home
from ellwand.office.record.models import Release
from ellwand.office.releases.archive import read_release
from ellwand.office.releases.build import HISTORY
from ellwand.office.releases.figures import as_table
from ellwand.office.releases.manifest import METHOD, NAME, FaultError
from ellwand.office.releases.tables import read_observations
from ellwand.production.calendar import fill
from ellwand.production.comment import FactTable
from ellwand.production.compile import compile_book
from ellwand.production.folder import read_folder
from ellwand.production.method import read_method
from ellwand.production.observations import Results
from ellwand.production.report.facts import COLUMNS, COUNTS, MEASURES

INPUTS = "inputs"


def facts_of_release(code: str, home: Home) -> FactTable:
    """The facts of a release of an office: from its record, or from its archive. DataError for one in neither."""
    sealed = Release.objects.filter(code=code).order_by("-seal")
    row = sealed.select_related("compilation__round", "compilation__method").first()
    folder = home.archive / code
    archived = (folder / NAME).is_file()
    # A compilation without a sheet knows no items; the release's inputs do.
    if row is not None and (not archived or Sheet.objects.filter(compilation=row.compilation).exists()):
        return facts_of(row.compilation)
    if archived:
        return facts_of_folder(folder)
    known = sorted({*Release.objects.values_list("code", flat=True), *_archived(home)})
    raise DataError(f"release {code!r} is not there; " + (suggest(code, known) if known else "there is none yet"))


def _archived(home: Home) -> list[str]:
    return [p.parent.name for p in home.archive.glob(f"*/{NAME}")] if home.archive.is_dir() else []


def facts_of_folder(folder: Path) -> FactTable:
    """The facts of a release's folder. Items are known where its inputs are there; a public copy has none.

    DataError for a folder that is no release.
    """
    try:
        manifest = read_release(folder).manifest
        rows = read_observations(folder / HISTORY)
    except (FaultError, OSError) as error:
        raise DataError(f"{folder.name}: {error}") from error
    method = read_method(folder / METHOD)
    kinds = _schema()
    there = {
        (row["series"], row["period"]): row
        for row in as_table(rows, kinds).to_pylist()
        if natural_key(row["period"]) <= natural_key(manifest.period)
    }
    own = [row for (_, period), row in there.items() if period == manifest.period]
    if not own:
        raise DataError(f"{folder.name}: {HISTORY} holds no observation of {manifest.period}")
    periods = fill(sorted({period for _, period in there}, key=natural_key))
    drill = None
    if (folder / INPUTS).is_dir():
        compiled = compile_book(read_folder(folder / INPUTS), method)
        t = find(list(compiled.book.periods), manifest.period, "period")
        drill = Results(compiled, None, (t,)).drill(t)
    return table_of(filled(own, there, periods, {}), manifest.period, method.method, drill)


def _schema() -> pa.Schema:
    kinds = dict.fromkeys(MEASURES, pa.float64()) | dict.fromkeys((*COUNTS, "level"), pa.int64())
    kinds["simulated"] = pa.bool_()
    return pa.schema([(name, kinds.get(name, pa.string())) for name in COLUMNS])
