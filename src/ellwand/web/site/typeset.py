"""Pages set in type: PDF that everybody can read (PDF/UA-1 and PDF/A-2a), and PNG of pictures.

The typesetter comes with the extra `pdf`. It takes its fonts from here and nothing from the machine, so that the same
content gives the same bytes everywhere; a sign that no font has is an error that names it.
"""

import json
from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from threading import Lock
from typing import Any

FOLDER = Path(__file__).parent / "type"
STANDARDS = ("ua-1", "a-2a")
SHARP = 192
"""Points of a picture to the inch: two for each of a screen's."""
REGIONS = {"zh": "cn", "en": "gb"}
"""Whose forms of signs and rules of division hold, by language."""
_lock = Lock()


def is_there() -> bool:
    """Whether the typesetter is installed."""
    return find_spec("typst") is not None


@lru_cache(maxsize=1)
def _fonts() -> Any:
    import typst

    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=True, font_paths=[str(FOLDER)])


def pdf(name: str, content: Mapping[str, Any], at: datetime) -> bytes:
    """A document. name : of its form in `type/`. content : all its words and pictures. at : the time that it bears."""
    return _compiled(name, content, format="pdf", pdf_standards=list(STANDARDS), timestamp=int(at.timestamp()))


def png(name: str, content: Mapping[str, Any]) -> bytes:
    """A picture of a document of one page."""
    return _compiled(name, content, format="png", ppi=float(SHARP))


def _compiled(name: str, content: Mapping[str, Any], **how: Any) -> bytes:
    import typst

    source = (FOLDER / f"{name}.typ").read_bytes()
    given = {"data": json.dumps(content, ensure_ascii=False)}
    # One at a time: a document takes a tenth of a second, and the typesetter as many processors as it finds.
    with _lock:
        made = typst.compile(source, font_paths=_fonts(), ignore_system_fonts=True, sys_inputs=given, **how)
    return bytes(made)
