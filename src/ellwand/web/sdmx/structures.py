"""The structures: agency scheme, concepts, code lists, data structure and a dataflow of each family, as SDMX-JSON 2.0.

What is not public is not in them: the classes and families are those of public releases.
Source: SDMX-JSON 2.0, structure message.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from ellwand.engine.periods import natural_key
from ellwand.office.registry.models import Market
from ellwand.web import query
from ellwand.web.moments import Moment
from ellwand.web.sdmx import asking, ids
from ellwand.web.sdmx.components import (
    ATTRIBUTES,
    BY_ID,
    CODES,
    COMPONENTS,
    DATASET,
    DIMENSION,
    KEY,
    OBS_VALUE,
    OBSERVATION,
    TIME_PERIOD,
    Component,
)
from ellwand.web.sdmx.faults import missing, nothing, syntax

Json = dict[str, Any]
KINDS = ("agencyscheme", "codelist", "conceptscheme", "datastructure", "dataflow")
HOLDERS = {
    "agencyscheme": "agencySchemes", "codelist": "codelists", "conceptscheme": "conceptSchemes",
    "datastructure": "dataStructures", "dataflow": "dataflows",
}  # fmt: skip
ITEMS = {"codelist": "codes", "conceptscheme": "concepts", "agencyscheme": "agencies"}
STUBS = {
    "full": "", "raw": "", "allstubs": "all", "allcompletestubs": "all", "referencestubs": "references",
    "referencecompletestubs": "references",
}  # fmt: skip
REFERENCES = ("none", "parents", "parentsandsiblings", "ancestors", "children", "descendants", "all")
FAMILIES = {
    "price": ("价格指数", "Price index"),
    "prosperity": ("景气指数", "Prosperity index"),
    "foreign trade": ("外贸指数", "Foreign trade index"),
    "orders": ("订单指数", "Orders index"),
    "fashion": ("时尚指数", "Fashion index"),
}
"""Names of the families."""
Id = tuple[str, str]
"""Kind and id of a structure."""


@dataclass(frozen=True)
class Structures:
    """All structures as of an instant, and which refers to which. dataflows : families by id of the dataflow."""

    agency: str
    language: str
    by_id: dict[Id, Json]
    children: dict[Id, tuple[Id, ...]]

    def parents(self, of: Id) -> list[Id]:
        """What refers to a structure."""
        return [p for p, refers in self.children.items() if of in refers]


def structures(there: Sequence[Moment], language: str) -> Structures:
    """The structures of what is public. there : moments of all families. language : of the name beside both names."""
    agency = ids.agency()
    market = Market.objects.first()
    owner = (market.name_zh, market.name_en) if market else ("指数办公室", "Index office")

    def named(zh: str, en: str) -> Json:
        zh, en = zh or en, en or zh
        return {"name": zh if language == "zh" else en, "names": {"en": en, "zh": zh}}

    def kept(kind: str, id_: str, zh: str, en: str, **more: Any) -> Json:
        link = {"rel": "self", "urn": ids.urn(kind, agency, id_), "type": kind}
        version = {"version": ids.VERSION}
        return {"id": id_, "agencyID": agency, **version, **named(zh, en), "links": [link], **more}

    def about(c: Component) -> Json:
        if not c.about_en:
            return {}
        chosen = c.about_zh if language == "zh" else c.about_en
        return {"description": chosen, "descriptions": {"en": c.about_en, "zh": c.about_zh}}

    lists: dict[str, Json] = {
        name: kept("codelist", name, zh, en, codes=[{"id": c, **named(*said)} for c, said in codes.items()])
        for name, (zh, en, codes) in CODES.items()
    }
    lists[ids.CLASSES] = kept("codelist", ids.CLASSES, "分类", "Classes", codes=classes(there, named))
    concepts = [{"id": c.id, **named(c.zh, c.en), **about(c)} for c in COMPONENTS]
    by_id: dict[Id, Json] = {
        ("agencyscheme", "AGENCIES"): {
            **kept("agencyscheme", "AGENCIES", "机构", "Agencies"), "agencyID": "SDMX",
            "agencies": [{"id": agency, **named(*owner)}],
        },
        ("conceptscheme", ids.CONCEPTS): kept("conceptscheme", ids.CONCEPTS, "概念", "Concepts", concepts=concepts),
        **{("codelist", name): lists[name] for name in sorted(lists)},
        ("datastructure", ids.STRUCTURE): kept(
            "datastructure", ids.STRUCTURE, "指数", "Index", dataStructureComponents=_components(agency)
        ),
    }  # fmt: skip
    agencies = ("agencyscheme", "AGENCIES")
    children: dict[Id, tuple[Id, ...]] = {one: (agencies,) for one in by_id if one != agencies}
    used = tuple(("codelist", name) for name in sorted(lists))
    children["datastructure", ids.STRUCTURE] = (("conceptscheme", ids.CONCEPTS), *used, agencies)
    for family in (seen.standing.family for seen in there):
        zh, en = FAMILIES.get(family, (family, family))
        id_ = ids.dataflow_of(family)
        structure = ids.urn("datastructure", agency, ids.STRUCTURE)
        by_id["dataflow", id_] = kept("dataflow", id_, zh, en, structure=structure)
        children["dataflow", id_] = (("datastructure", ids.STRUCTURE), agencies)
    return Structures(agency, language, by_id, children)


def classes(there: Sequence[Moment], named: Any) -> list[Json]:
    """The codes of CL_CLASS: every class of a public release, with the name that it has now."""
    last = {code: one for seen in there for code, one in query.codes_of(seen).items()}
    out = []
    for code in sorted(last, key=natural_key):
        row = last[code]
        above = {"parent": ids.code_of(row.parent)} if row.parent in last else {}
        plain = {"annotations": [{"type": "CODE", "text": code}]} if ids.code_of(code) != code else {}
        out.append({"id": ids.code_of(code), **named(row.name_zh or code, row.name_en or code), **above, **plain})
    return out


def _components(agency: str) -> Json:
    """Dimensions, measure and attributes of the data structure."""

    def of(c: Component) -> Json:
        concept = ids.urn("conceptscheme", agency, ids.CONCEPTS, item=c.id)
        if c.codes:
            shape: Json = {"enumeration": ids.urn("codelist", agency, c.codes)}
        else:
            shape = {"format": {"dataType": c.kind}}
        return {"id": c.id, "conceptIdentity": concept, "localRepresentation": shape}

    def relation(c: Component) -> Json:
        if c.place == DATASET:
            return {"dataflow": {}}
        return {"observation": {}} if c.place == OBSERVATION else {"dimensions": list(KEY)}

    attributes = [
        {
            **of(c), "usage": "mandatory" if c.needed else "optional", "attributeRelationship": relation(c),
            **({"measureRelationship": [OBS_VALUE]} if c.place == OBSERVATION else {}),
        }
        for c in ATTRIBUTES
    ]  # fmt: skip
    dimensions = [{**of(c), "position": k} for k, c in enumerate(c for c in COMPONENTS if c.place == DIMENSION)]
    return {
        "dimensionList": {
            "id": "DimensionDescriptor", "dimensions": dimensions, "timeDimension": of(BY_ID[TIME_PERIOD]),
        },
        "measureList": {"id": "MeasureDescriptor", "measures": [{**of(BY_ID[OBS_VALUE]), "usage": "optional"}]},
        "attributeList": {"id": "AttributeDescriptor", "attributes": attributes},
    }  # fmt: skip


def select(
    all_: Structures, kind: str, agency: str, resource: str, version: str, item: str, references: str, detail: str
) -> Json:
    """The structures that a path names, with what they refer to, by the holders of the message. SdmxError for none."""
    if kind not in (*KINDS, asking.ALL):
        raise (
            nothing()
            if re.fullmatch(r"[a-z]+", kind)
            else syntax("artefactType", kind, "is one of " + ", ".join(KINDS))
        )
    if detail not in STUBS:
        raise missing(f"detail: {detail}: there are {', '.join(STUBS)}")
    agencies, resources = asking.names(agency), asking.names(resource)
    right = asking.of_version(version, ids.VERSION)
    found = [
        one
        for one, body in all_.by_id.items()
        if right
        and kind in (one[0], asking.ALL)
        and (agencies is None or body["agencyID"] in agencies)
        and (resources is None or one[1] in resources)
    ]
    if not found:
        raise nothing()
    more = [one for one in _referenced(all_, found, references) if one not in found]
    out: Json = {}
    for one in (*found, *more):
        body = all_.by_id[one]
        if item and one in found:
            body = _partial(one[0], body, item)
        stub = STUBS[detail] == "all" or (STUBS[detail] == "references" and one in more)
        out.setdefault(HOLDERS[one[0]], []).append(_stub(body) if stub else body)
    return out


def _partial(kind: str, body: Json, item: str) -> Json:
    """A scheme with the items that are asked for only."""
    if kind not in ITEMS:
        raise syntax("itemID", item, f"a {kind} has no items")
    wanted = item.split(",")
    items = [i for i in body[ITEMS[kind]] if item == "*" or i["id"] in wanted]
    if not items:
        raise nothing()
    return {**body, "isPartial": len(items) < len(body[ITEMS[kind]]), ITEMS[kind]: items}


def _stub(body: Json) -> Json:
    return {k: v for k, v in body.items() if k in ("id", "agencyID", "version", "name", "names", "links")} | {
        "isExternalReference": True
    }


def _referenced(all_: Structures, found: list[Id], references: str) -> list[Id]:
    """What is asked for beside the structures: by direction, or by kind."""
    children = _unique(c for one in found for c in all_.children.get(one, ()))
    parents = _unique(p for one in found for p in all_.parents(one))
    if references == "none":
        return []
    if references == "children":
        return children
    if references == "descendants":
        return _closure(found, lambda one: all_.children.get(one, ()))
    if references == "parents":
        return parents
    if references == "ancestors":
        return _closure(found, all_.parents)
    if references == "parentsandsiblings":
        return _unique([*parents, *(c for p in parents for c in all_.children.get(p, ()))])
    everything = _unique([*_closure(found, all_.parents), *_closure(found, lambda one: all_.children.get(one, ()))])
    if references == "all":
        return everything
    kinds = references.split(",")
    if unknown := [k for k in kinds if k not in KINDS]:
        raise syntax("references", unknown[0], f"is one of {', '.join((*REFERENCES, *KINDS))}")
    return [one for one in everything if one[0] in kinds]


def _closure(start: Iterable[Id], step: Any) -> list[Id]:
    out: list[Id] = []
    ahead = list(start)
    while ahead:
        for one in step(ahead.pop(0)):
            if one not in out:
                out.append(one)
                ahead.append(one)
    return out


def _unique(found: Iterable[Id]) -> list[Id]:
    return list(dict.fromkeys(found))
