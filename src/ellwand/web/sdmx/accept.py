"""Which format a reader wants: the Accept header with weights, version and parameters of the media types.

Source: RFC 9110, 12.5.1; SDMX-REST 2, content negotiation.
"""

import re
from dataclasses import dataclass

CSV, JSON, XML, STRUCTURE_JSON, STRUCTURE_XML = "csv", "json", "xml", "structure+json", "structure+xml"
TYPES = {
    CSV: ("application/vnd.sdmx.data+csv", "2.0.0", ("text/csv",)),
    JSON: ("application/vnd.sdmx.data+json", "2.0.0", ("application/json",)),
    XML: ("application/vnd.sdmx.data+xml", "3.0.0", ("application/xml", "text/xml")),
    STRUCTURE_JSON: ("application/vnd.sdmx.structure+json", "2.0.0", ("application/json",)),
    STRUCTURE_XML: ("application/vnd.sdmx.structure+xml", "3.0.0", ("application/xml", "text/xml")),
}
"""Formats: media type, version, and plain types that ask for it too."""


@dataclass(frozen=True)
class Wanted:
    """A format that is asked for, with the parameters of its media type."""

    format: str
    parameters: dict[str, str]

    @property
    def media_type(self) -> str:
        """The media type of the answer."""
        name, version, _ = TYPES[self.format]
        told = "".join(f";{k}={v}" for k, v in sorted(self.parameters.items()))
        return f"{name};version={version}{told}"


def choose(accept: str, formats: tuple[str, ...]) -> Wanted | None:
    """The format that a reader likes best of those that can be given, the first for one who takes anything."""
    best: tuple[float, float, Wanted] | None = None
    for place, part in enumerate((accept or "*/*").split(",")):
        name, *rest = (p.strip() for p in part.split(";"))
        given = {}
        for one in rest:
            key, _, value = one.partition("=")
            given[key.strip().lower()] = value.strip().strip('"')
        liking = weight(given.pop("q", "1"))
        found = _found(name.lower(), given, formats)
        if found is not None and liking > 0 and (best is None or (liking, -place) > best[:2]):
            best = (liking, -place, found)
    return best[2] if best else None


def _found(name: str, given: dict[str, str], formats: tuple[str, ...]) -> Wanted | None:
    for format_ in formats:
        media, version, plain = TYPES[format_]
        asked = given.get("version", version)
        parameters = {k: v for k, v in given.items() if k not in ("version", "charset")}
        if name == media and _same(asked, version):
            return Wanted(format_, parameters)
        if name in plain or name in ("*/*", media.partition("/")[0] + "/*"):
            return Wanted(format_, {})
    return None


def _same(asked: str, version: str) -> bool:
    """Whether 2, 2.0 or 2.0.0 ask for 2.0.0."""
    return version == asked or version.startswith(asked + ".")


def weight(text: str) -> float:
    return float(text) if re.fullmatch(r"[01](\.\d{0,3})?", text) else 0.0
