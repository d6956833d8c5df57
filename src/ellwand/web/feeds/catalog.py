"""The catalogue of the data for machines: DCAT 3 as JSON-LD, and schema.org descriptions for the pages.

One function describes a dataset; the two vocabularies are two ways to write it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from ellwand.office.releases.canonical import write_instant
from ellwand.production.report.periods import read
from ellwand.web import registers
from ellwand.web.data.formats import FORMATS
from ellwand.web.moments import Moment
from ellwand.web.registers import stated
from ellwand.web.site.families import FAMILIES

FREQUENCIES = {"W": "WEEKLY", "Q": "QUARTERLY", "M": "MONTHLY"}
AUTHORITY = "http://publications.europa.eu/resource/authority/"
MEDIA = "http://www.iana.org/assignments/media-types/"
Absolute = Callable[[str], str]
"""Of a path of the site its whole address."""


@dataclass(frozen=True)
class Dataset:
    """A dataset: a family, or a series of it. files : ending and path. span : first and last day."""

    code: str
    page: tuple[str, str]
    name: tuple[str, str]
    about: tuple[str, str]
    files: tuple[tuple[str, str], ...]
    span: tuple[str, str] | None
    measure: tuple[str, str] = ("价格指数", "price index")


def datasets(seen: Moment) -> list[Dataset]:
    """The family and its series. Empty before the first release."""
    rows = registers.dictionary(seen)
    if not rows:
        return []
    spans = [span(r["first_period"], r["last_period"]) for r in rows]
    whole = (min(s[0] for s in spans), max(s[1] for s in spans))
    return [family(seen, whole), *(of_series(row) for row in rows)]


def family(seen: Moment, whole: tuple[str, str]) -> Dataset:
    """The dataset of all series of a family."""
    name = seen.standing.family
    told = next(f for f in FAMILIES if f.name == name)
    place = _market()
    zh = f"{place[0]}{told.zh}：全部分类的指数、涨跌幅、区间、报价数和质量等级，{told.every_zh}发布，每个版本永久保存。"
    en = (
        f"{told.en} of {place[1]}: levels, changes, intervals, counts and grades of all classes, released "
        f"{told.every_en}; every vintage is kept for ever."
    )
    files = tuple((ext, f"/data/{name}.{ext}") for ext in FORMATS if ext != "csv-metadata.json")
    return Dataset(
        name, ("/index/", "/en/index/"), (f"{place[0]}{told.zh}", f"{told.en} of {place[1]}"), (zh, en), files, whole
    )


def of_series(row: dict[str, Any]) -> Dataset:
    """The dataset of one series. row : its entry of the code dictionary."""
    code = row["code"]
    base = f"{row['base_period']} = {row['base_value']}"
    zh = (
        f"{row['definition_zh']}。单位：{row['unit_zh']}，{base}，{row['frequency_zh']}发布，附区间、报价数和质量等级。"
    )
    en = f"{row['definition_en']}. In {row['unit']}, {base}, {row['frequency']}, with intervals, counts and grades."
    files = tuple(
        (ext, f"/data/{code}.{ext}") for ext, form in FORMATS.items() if form.of_series and ext != "csv-metadata.json"
    )
    names = (row["name_zh"] or code, row["name_en"] or code)
    there = span(row["first_period"], row["last_period"])
    return Dataset(code, (f"/index/{code}/", f"/en/index/{code}/"), names, (zh, en), files, there)


def span(first: str, last: str) -> tuple[str, str]:
    """First and last day of two periods."""
    return read(first).first.isoformat(), read(last).last.isoformat()


def _market() -> tuple[str, str]:
    market = registers.market()
    return (market.name_zh, market.name_en) if market else ("Ellwand", "Ellwand")


def both(texts: tuple[str, str]) -> list[dict[str, str]]:
    """A text in both languages, as JSON-LD writes it."""
    return [{"@value": texts[0], "@language": "zh-Hans"}, {"@value": texts[1], "@language": "en"}]


def dcat(seen: Moment, absolute: Absolute) -> dict[str, Any]:
    """The catalogue as DCAT."""
    publisher = {"@type": "foaf:Organization", "@id": absolute("/about/"), "foaf:name": both(_market())}
    place = _market()
    return {
        "@context": {
            "dcat": "http://www.w3.org/ns/dcat#",
            "dct": "http://purl.org/dc/terms/",
            "foaf": "http://xmlns.com/foaf/0.1/",
            "vcard": "http://www.w3.org/2006/vcard/ns#",
            "xsd": "http://www.w3.org/2001/XMLSchema#",
            "adms": "http://www.w3.org/ns/adms#",
            "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
        },
        "@type": "dcat:Catalog",
        "@id": absolute("/data/catalog.jsonld"),
        "dct:title": both((f"{place[0]}：数据目录", f"{place[1]}: data catalogue")),
        "dct:description": both(("每个分类的指数及其全部版本。", "The index of every class, in all its vintages.")),
        "dct:publisher": publisher,
        "dct:language": [{"@id": f"{AUTHORITY}language/ZHO"}, {"@id": f"{AUTHORITY}language/ENG"}],
        "foaf:homepage": {"@id": absolute("/")},
        **_rights(absolute),
        **({"dct:modified": _time(write_instant(seen.issued))} if seen.issued else {}),
        "dcat:service": {
            "@type": "dcat:DataService",
            "@id": absolute("/api/v1/"),
            "dct:title": both(("JSON 接口", "JSON API")),
            "dcat:endpointURL": {"@id": absolute("/api/v1/")},
            "dcat:endpointDescription": {"@id": absolute("/api/v1/openapi.json")},
        },
        "dcat:dataset": [_dataset(one, seen, absolute, publisher["@id"]) for one in datasets(seen)],
    }


def _dataset(one: Dataset, seen: Moment, absolute: Absolute, publisher: Any) -> dict[str, Any]:
    issued = write_instant(seen.issued) if seen.issued else ""
    contact = stated("contact")
    kind = _frequency(seen)
    out: dict[str, Any] = {
        "@type": "dcat:Dataset",
        "@id": absolute(one.page[0]),
        "dct:identifier": one.code,
        "dct:title": both(one.name),
        "dct:description": both(one.about),
        "dct:publisher": {"@id": publisher},
        "dcat:landingPage": [{"@id": absolute(p)} for p in one.page],
        "dct:accrualPeriodicity": {"@id": f"{AUTHORITY}frequency/{kind}"},
        "dcat:keyword": both(("价格指数", "price index")),
        "dcat:theme": {"@id": f"{AUTHORITY}data-theme/ECON"},
        "dct:modified": _time(issued),
        "adms:versionNotes": seen.vintage,
        **_rights(absolute),
        "dcat:distribution": [_distribution(ext, path, absolute) for ext, path in one.files],
    }
    if contact[1]:
        out["dcat:contactPoint"] = {
            "@type": "vcard:Organization", "vcard:fn": both(_market()), "vcard:note": both(contact),
        }  # fmt: skip
    if one.span:
        out["dct:temporal"] = {
            "@type": "dct:PeriodOfTime",
            "dcat:startDate": {"@value": one.span[0], "@type": "xsd:date"},
            "dcat:endDate": {"@value": one.span[1], "@type": "xsd:date"},
        }
    return out


def _distribution(ext: str, path: str, absolute: Absolute) -> dict[str, Any]:
    form = FORMATS[ext]
    return {
        "@type": "dcat:Distribution",
        "dct:title": both((form.zh, form.en)),
        "dcat:accessURL": {"@id": absolute(path)},
        "dcat:downloadURL": {"@id": absolute(path)},
        "dcat:mediaType": {"@id": MEDIA + form.kind},
    }


def _rights(absolute: Absolute) -> dict[str, Any]:
    licence = stated("licence")
    out: dict[str, Any] = {"dct:license": {"@id": absolute("/about/#licence")}}
    if licence[1]:
        out["dct:rights"] = {"@type": "dct:RightsStatement", "rdfs:label": both(licence)}
    return out


def _time(instant: str) -> dict[str, str]:
    return {"@value": instant, "@type": "xsd:dateTime"}


def _frequency(seen: Moment) -> str:
    period = seen.release.period if seen.release else ""
    return next((word for sign, word in FREQUENCIES.items() if sign in period), "MONTHLY")


def schema_org(one: Dataset, seen: Moment, absolute: Absolute, side: int) -> dict[str, Any]:
    """A dataset as schema.org, in one language. side : 0 for Chinese, 1 for English."""
    place, licence = _market()[side], stated("licence")[side]
    out: dict[str, Any] = {
        "@context": "https://schema.org",
        "@type": "Dataset",
        "@id": absolute(one.page[side]),
        "url": absolute(one.page[side]),
        "name": one.name[side] if one.name[side].startswith(place) else f"{one.name[side]} ({place})",
        "alternateName": one.name[1 - side],
        "description": one.about[side],
        "identifier": one.code,
        "inLanguage": ("zh-Hans", "en")[side],
        "isAccessibleForFree": True,
        "license": absolute("/about/#licence" if side == 0 else "/en/about/#licence"),
        "creator": {"@type": "Organization", "name": place, "url": absolute(("/", "/en/")[side])},
        "publisher": {"@type": "Organization", "name": place, "url": absolute(("/", "/en/")[side])},
        "variableMeasured": {
            "@type": "PropertyValue", "name": one.measure[side], "unitText": ("点", "index points")[side],
        },
        "measurementTechnique": absolute(("/knowledge/", "/en/knowledge/")[side]),
        "includedInDataCatalog": {
            "@type": "DataCatalog", "name": ("数据目录", "Data catalogue")[side],
            "url": absolute("/data/catalog.jsonld"),
        },
        "distribution": [
            {
                "@type": "DataDownload", "name": (FORMATS[ext].zh, FORMATS[ext].en)[side],
                "encodingFormat": FORMATS[ext].kind, "contentUrl": absolute(path),
            }
            for ext, path in one.files
        ],
    }  # fmt: skip
    if seen.release:
        out |= {"dateModified": write_instant(seen.release.since), "version": seen.vintage}
    if one.span:
        out["temporalCoverage"] = "/".join(one.span)
    if licence:
        out["usageInfo"] = licence
    return out


def report(title: str, address: str, issued: str, absolute: Absolute, side: int) -> dict[str, Any]:
    """A comment as schema.org, in one language."""
    place = _market()[side]
    office = {"@type": "Organization", "name": place, "url": absolute(("/", "/en/")[side])}
    return {
        "@context": "https://schema.org",
        "@type": "Report",
        "@id": address,
        "url": address,
        "headline": title[:110],
        "inLanguage": ("zh-Hans", "en")[side],
        "datePublished": issued,
        "dateModified": issued,
        "author": office,
        "publisher": office,
        "isAccessibleForFree": True,
        "license": absolute(("/about/#licence", "/en/about/#licence")[side]),
        "about": {"@type": "Dataset", "@id": absolute(("/index/", "/en/index/")[side])},
    }
