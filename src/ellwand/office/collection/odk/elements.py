"""XML from strangers as elements: no document type, no entity, and bounds on size, depth and number. Pure."""

from dataclasses import dataclass, field
from typing import Final
from xml.parsers import expat

from ellwand.office.collection.messages import SheetError

LARGEST: Final = 2 * 2**20
"""Bytes of a submission without its pictures."""
DEEPEST: Final = 20
MOST: Final = 20_000
LONGEST: Final = 2_000
"""Characters of an answer, as of a cell of a price sheet."""


@dataclass(slots=True)
class Element:
    """An element. name : without its namespace. text : all of its own text, without spaces around it."""

    name: str
    attributes: dict[str, str]
    children: list["Element"] = field(default_factory=list)
    text: str = ""

    def child(self, name: str) -> "Element | None":
        """The first child of a name."""
        return next((c for c in self.children if c.name == name), None)


def _local(name: str) -> str:
    return name.rpartition(" ")[2]


def parse(content: bytes) -> Element:
    """The root of a document. SheetError for what is no XML, and for what could harm whoever reads it."""
    if not content.strip():
        raise SheetError("empty file")
    if len(content) > LARGEST:
        raise SheetError("file too large", value=len(content), limit=LARGEST)
    open_: list[Element] = []
    roots: list[Element] = []
    texts: list[list[str]] = []
    count = 0

    def start(name: str, attributes: dict[str, str]) -> None:
        nonlocal count
        count += 1
        if count > MOST:
            raise SheetError("xml too many", limit=MOST)
        if len(open_) >= DEEPEST:
            raise SheetError("xml too deep", limit=DEEPEST)
        made = Element(_local(name), {_local(k): v for k, v in attributes.items()})
        (open_[-1].children if open_ else roots).append(made)
        open_.append(made)
        texts.append([])

    def end(_: str) -> None:
        made = open_.pop()
        made.text = "".join(texts.pop()).strip()
        if len(made.text) > LONGEST:
            raise SheetError("cell too long", limit=LONGEST)

    def text(data: str) -> None:
        texts[-1].append(data)

    def doctype(*_: object) -> None:
        raise SheetError("xml doctype")

    parser = expat.ParserCreate(namespace_separator=" ")
    parser.StartElementHandler, parser.EndElementHandler = start, end
    parser.CharacterDataHandler = text
    parser.StartDoctypeDeclHandler = parser.EntityDeclHandler = doctype
    try:
        parser.Parse(content, True)
    except expat.ExpatError as error:
        raise SheetError("xml damaged", value=expat.errors.messages.get(error.code, "?"), line=error.lineno) from None
    except (LookupError, ValueError) as error:
        if isinstance(error, SheetError):
            raise
        raise SheetError("xml damaged", value=error, line=parser.CurrentLineNumber) from None
    return roots[0]
