"""What every SDMX-JSON message begins with. The same question about the same releases gives the same bytes."""

import hashlib
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from ellwand.office.releases.canonical import write_instant
from ellwand.web.moments import Moment

SCHEMAS = "https://raw.githubusercontent.com/sdmx-twg/sdmx-json/develop/{kind}-message/tools/schemas/2.0.0/sdmx-json-{kind}-schema.json"
"""The address that names the version of the format; nothing is fetched from it."""
START = datetime(1970, 1, 1, tzinfo=UTC)


def prepared(there: Iterable[Moment]) -> datetime:
    """When the last release that can be in an answer became public; the beginning of time before the first one."""
    return max((seen.issued for seen in there if seen.issued is not None), default=START)


def meta(kind: str, question: str, at: datetime, agency: str, language: str, simulated: bool) -> dict[str, Any]:
    """The head of a message. at : when it was prepared. simulated : such figures are for tests."""
    return {
        "schema": SCHEMAS.format(kind=kind),
        "id": "ID" + hashlib.sha256(f"{question}|{write_instant(at)}".encode()).hexdigest()[:20],
        "test": simulated,
        "prepared": write_instant(at),
        "contentLanguages": ["zh", "en"] if language == "zh" else ["en", "zh"],
        "sender": {"id": agency},
    }
