"""Names of things in SDMX: agency, families as dataflows, codes of classes, URNs.

A code of SDMX holds letters, digits, _, @, $ and -; our codes have dots. Each has one SDMX code and back: a dot is
written _, and any other sign that SDMX does not know (and _ itself) as $ with its number in hexadecimal and $.
"""

import re
import sys

from ellwand.office.registry.models import Market

AGENCY, VERSION = "ELLWAND", "1.0"
STRUCTURE, CONCEPTS, CLASSES = "INDEX", "CS_INDEX", "CL_CLASS"
NAME = re.compile(r"[A-Za-z][A-Za-z0-9_-]*")
_OTHER = re.compile(r"[^A-Za-z0-9-]")
_WRITTEN = re.compile(r"_|\$([0-9A-F]{1,6})\$")

PACKAGES = {
    "agencyscheme": ("base", "AgencyScheme"),
    "codelist": ("codelist", "Codelist"),
    "conceptscheme": ("conceptscheme", "ConceptScheme"),
    "datastructure": ("datastructure", "DataStructure"),
    "dataflow": ("datastructure", "Dataflow"),
    "dataconstraint": ("registry", "DataConstraint"),
}
"""Kinds of structures as addresses name them, with package and class of their URN."""


def agency() -> str:
    """The id of the agency that maintains the structures: `sdmx_agency` of the market's register, or ELLWAND."""
    market = Market.objects.first()
    given = str(market.more.get("sdmx_agency", "")) if market else ""
    return given if NAME.fullmatch(given) else AGENCY


def code_of(code: str) -> str:
    """The SDMX code of a class."""
    return _OTHER.sub(lambda m: "_" if m[0] == "." else f"${ord(m[0]):X}$", code)


def class_of(code: str) -> str:
    """The class of an SDMX code; what is no such code comes back as something that no class is called."""
    return _WRITTEN.sub(_sign, code)


def _sign(found: re.Match[str]) -> str:
    """The sign that was written so; what stands for no sign of a text stays as it is."""
    if found[0] == "_":
        return "."
    number = int(found[1], 16)
    sign = chr(number) if number <= sys.maxunicode else ""
    return sign if sign and sign.isprintable() else found[0]


def dataflow_of(family: str) -> str:
    """The id of the dataflow of a family."""
    return re.sub(r"[^A-Z0-9_]", "_", family.upper())


def urn(kind: str, agency_: str, name: str, version: str = VERSION, item: str = "") -> str:
    """The URN of a structure, or of an item in it."""
    package, class_ = PACKAGES[kind]
    if item:
        class_ = {"conceptscheme": "Concept", "codelist": "Code", "agencyscheme": "Agency"}[kind]
    return f"urn:sdmx:org.sdmx.infomodel.{package}.{class_}={agency_}:{name}({version}){'.' + item if item else ''}"
