"""Every channel through which the public reads: before its instant none of them may reveal anything of a release.

Whoever adds a channel adds a line here; `test_embargo.py` then reads it before and after the instant, on both
databases. {release}, {period}, {code} stand for the release that waits, its period, and a series.
"""

import io
import zipfile
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any

LANGUAGES = ("/", "/en/")


@dataclass(frozen=True)
class Channel:
    """An address that everybody may read. shows : whether the release is to be found in it from its instant on.

    named : the address names the release, so that before the instant it must answer as for a name that nobody gave.
    steady : nothing but a release changes it, so that before the instant it answers byte for byte as without one.
    """

    address: str
    shows: bool = True
    named: bool = False
    steady: bool = True


API = (
    Channel("/api/v1/", shows=False),
    Channel("/api/v1/series"),
    Channel("/api/v1/series/{code}"),
    Channel("/api/v1/observations"),
    Channel("/api/v1/observations?series={code}&lastNObservations=1"),
    Channel("/api/v1/observations?series={code}&includeHistory=true"),
    Channel("/api/v1/observations?vintage={release}", named=True),
    Channel("/api/v1/releases"),
    Channel("/api/v1/releases/{release}/manifest", named=True),
    Channel("/api/v1/corrections", shows=False),
    Channel("/api/v1/calendar"),
    Channel("/api/v1/methods"),
    Channel("/api/v1/codes"),
    Channel("/api/v1/units", shows=False),
    Channel("/api/v1/problems", shows=False),
    Channel("/api/v1/openapi.json", shows=False),
)
SDMX = (
    Channel("/sdmx/v2/"),
    Channel("/sdmx/v2/structure/*/*/*/*?references=all"),
    Channel("/sdmx/v2/data/*"),
    Channel("/sdmx/v2/data/dataflow/*/PRICE/*/W.{code}.*?lastNObservations=1"),
    Channel("/sdmx/v2/data/dataflow/*/PRICE/*/W.{code}.*?includeHistory=true"),
    Channel("/sdmx/v2/availability/dataflow/*/PRICE/*/W.{code}.*"),
)
FILES = (
    *(Channel(f"/data/{name}.{ext}") for name in ("{code}", "price") for ext in ("csv", "xlsx", "json", "px")),
    Channel("/data/price.sqlite"),
    Channel("/data/{code}.csv-metadata.json"),
    Channel("/data/price.csv-metadata.json"),
    Channel("/data/price.csv?vintage={release}", named=True),
    Channel("/data/{code}.px?vintage={release}", named=True),
    Channel("/releases/{release}.zip", named=True),
)
FEEDS = (
    *(
        Channel(f"{root}{path}", shows=shows)
        for root in LANGUAGES
        for path, shows in (
            ("feed/releases.atom", True),
            ("feed/corrections.atom", False),
            ("feed/index-{code}.atom", True),
            ("calendar.ics", False),
            ("llms.txt", True),
        )
    ),
    Channel("/sitemap.xml"),
    Channel("/robots.txt", shows=False),
    Channel("/data/catalog.jsonld"),
)
TWINS = tuple(
    Channel(f"{root}{path}.{ext}", shows=shows, named=named, steady=path != "status")
    for root in LANGUAGES
    for ext in ("json", "csv", "md")
    for path, shows, named in (
        ("home", True, False),
        ("index", True, False),
        ("index/{code}", True, False),
        ("index/{code}/revisions", True, False),
        ("comments/price", True, False),
        ("comments/price/{release}", True, True),
        ("releases", True, False),
        ("releases/{release}", False, True),
        ("calendar", True, False),
        ("corrections", False, False),
        ("knowledge", True, False),
        ("status", False, False),
        ("data", False, False),
    )
)
SET_IN_TYPE = tuple(
    channel
    for root in LANGUAGES
    for channel in (
        Channel(f"{root}comments/price/{{release}}/bulletin.pdf", shows=False, named=True),
        Channel(f"{root}index/{{code}}/chart.pdf", shows=False),
        Channel(f"{root}index/{{code}}/chart.png?vintage={{release}}", shows=False, named=True),
    )
    if find_spec("typst")
)
"""Where the typesetter is installed; what they show is not to be found in their bytes."""
PAGES = tuple(
    channel
    for root in LANGUAGES
    for channel in (
        Channel(root),
        Channel(f"{root}index/", shows=False),
        Channel(f"{root}index/{{code}}/"),
        Channel(f"{root}index/{{code}}/?vintage={{release}}", named=True),
        Channel(f"{root}index/{{code}}/revisions/"),
        Channel(f"{root}index/{{code}}/chart.svg"),
        Channel(f"{root}index/{{code}}/chart.svg?vintage={{release}}", named=True),
        Channel(f"{root}index/{{code}}/cite.bib"),
        Channel(f"{root}index/{{code}}/cite.bib?vintage={{release}}", named=True),
        Channel(f"{root}embed/{{code}}/"),
        Channel(f"{root}embed/{{code}}/?vintage={{release}}", named=True),
        Channel(f"{root}explore/?series={{code}}"),
        Channel(f"{root}explore/?series={{code}}&vintage={{release}}", named=True),
        Channel(f"{root}explore/data.csv?series={{code}}"),
        Channel(f"{root}explore/chart.svg?series={{code}}"),
        Channel(f"{root}comments/outlook/"),
        Channel(f"{root}search?q=2022"),
        Channel(f"{root}fabrics/", shows=False),
        Channel(f"{root}data/"),
        Channel(f"{root}developers/"),
        Channel(f"{root}press/"),
        Channel(f"{root}consultations/", shows=False),
        Channel(f"{root}complaints/", shows=False, steady=False),
        Channel(f"{root}comments/price/"),
        Channel(f"{root}comments/price/{{release}}/", named=True),
        Channel(f"{root}releases/"),
        Channel(f"{root}releases/{{release}}/", named=True),
        Channel(f"{root}releases/{{release}}/files/manifest.json", named=True),
        Channel(f"{root}releases/{{release}}/files/outputs/history.csv", named=True),
        Channel(f"{root}calendar/", shows=False),
        Channel(f"{root}me/", shows=False, steady=False),
        Channel(f"{root}news/", shows=False),
        Channel(f"{root}market-news/", shows=False),
        Channel(f"{root}feed/notices.atom", shows=False),
        Channel(f"{root}knowledge/", shows=False),
        Channel(f"{root}knowledge/glossary/", shows=False),
        Channel(f"{root}knowledge/contracts/", shows=False),
        Channel(f"{root}knowledge/quality/"),
        Channel(f"{root}about/", shows=False),
        Channel(f"{root}about/policies/early-access/", shows=False),
        Channel(f"{root}about/governance/", shows=False),
        Channel(f"{root}about/governance.json", shows=False),
        Channel(f"{root}corrections/", shows=False),
        # The progress of the round that runs: counts only.
        Channel(f"{root}status/", shows=False, steady=False),
    )
)
CHANNELS: tuple[Channel, ...] = (
    *API,
    *FEEDS,
    *FILES,
    *SET_IN_TYPE,
    *PAGES,
    *SDMX,
    *TWINS,
)
COUNTED = {"RateLimit-Remaining", "RateLimit-Reset"}
"""Headers that count requests."""


def body(answer: Any) -> bytes:
    """The body of an answer, unpacked where it is packed."""
    data = b"".join(answer.streaming_content) if answer.streaming else answer.content
    if data[:2] == b"PK":
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            return b"\n".join(packed.read(name) for name in packed.namelist())
    return bytes(data)


def headers(answer: Any) -> dict[str, str]:
    """The headers of an answer, without those that count requests."""
    return {k: v for k, v in answer.headers.items() if k not in COUNTED}
