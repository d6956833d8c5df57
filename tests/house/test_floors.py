"""The law of the five floors: a file imports only from its own floor or from one below."""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

SOURCE = Path(__file__).resolve().parents[2] / "src" / "ellwand"

FLOORS = {"formulas": 1, "engine": 2, "production": 3, "market": 3, "office": 4, "web": 5}
TOP = 6
"""The front door and the command stand on top of all floors."""

CORE = {"numpy", "pyarrow", "duckdb"}
LAZY = {"pyspark", "py4j", "pandas", "polars", "pysdmx", "mcp", "anyio", "jsonschema", "typst"}
"""Optional parts: imported inside a function, so that the engine starts without them."""

SPARK = "spark"
"""The Spark driver's files may import Spark at once; other files of the engine import them inside a function only."""

OFFICE = CORE | {
    "django", "allauth", "ninja", "pydantic", "csp", "django_tasks", "django_tasks_db", "whitenoise", "granian",
    "qrcode", "cryptography", "rfc8785", "openpyxl", "xlsxwriter", "psycopg", "PIL", "pypinyin",
}  # fmt: skip
PACKAGES = {1: {"numpy"}, 2: CORE, 3: CORE, 4: OFFICE, 5: OFFICE, TOP: CORE}
LAZY_FROM = 2


def floor_of(parts: tuple[str, ...]) -> tuple[int, str]:
    """Floor and room of a module path below the package."""
    room = parts[0] if parts else ""
    return FLOORS.get(room, TOP), room if room in FLOORS else ""


def imports(tree: ast.Module, package: list[str]) -> Iterator[tuple[int, list[str], bool]]:
    """Line, dotted name and whether it stands inside a function, of every import that runs."""

    def walk(node: ast.AST, inside: bool) -> Iterator[tuple[int, list[str], bool]]:
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.If) and getattr(child.test, "id", "") == "TYPE_CHECKING":
                # Types only; the floors hold for them too, but nothing is loaded.
                yield from walk(child, True)
            elif isinstance(child, ast.Import):
                for alias in child.names:
                    yield child.lineno, alias.name.split("."), inside
            elif isinstance(child, ast.ImportFrom):
                base = package[: len(package) - child.level + 1] if child.level else []
                base = base + (child.module.split(".") if child.module else [])
                for alias in child.names:
                    yield child.lineno, [*base, alias.name], inside
            else:
                function = isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
                yield from walk(child, inside or function)

    yield from walk(tree, False)


def violations(root: Path) -> list[str]:
    """Every import below `root` (the folder of the package) that breaks the law."""
    out = []
    for path in sorted(root.rglob("*.py")):
        parts = path.relative_to(root).with_suffix("").parts
        floor, room = floor_of(parts if len(parts) > 1 else ())
        package = [root.name, *parts[:-1]]
        driver = room == "engine" and parts[1].startswith(SPARK)
        for line, name, inside in imports(ast.parse(path.read_text(encoding="utf-8")), package):
            where = f"{path.relative_to(root)}:{line} imports {'.'.join(name)}"
            if name[0] == root.name:
                # `from ellwand import x` takes the front door: it is for the top only.
                target, target_room = floor_of(tuple(name[1:]))
                if target > floor:
                    out.append(f"{where}: floor {target} from floor {floor}")
                elif target == floor < TOP and target_room != room:
                    out.append(f"{where}: {room} and {target_room} share a floor and do not know one another")
                elif not (inside or driver) and name[1:2] == ["engine"] and any(n.startswith(SPARK) for n in name[2:]):
                    out.append(f"{where}: the Spark driver is an optional part, to be imported inside a function")
            elif name[0] not in sys.stdlib_module_names and name[0] not in PACKAGES[floor]:
                if floor < LAZY_FROM or name[0] not in LAZY:
                    out.append(f"{where}: no dependency of floor {floor}")
                elif not inside and not driver:
                    out.append(f"{where}: an optional part, to be imported inside a function")
    return out


def test_the_house_stands() -> None:
    assert violations(SOURCE) == []


def test_every_room_is_on_a_floor() -> None:
    rooms = {p.name for p in SOURCE.iterdir() if p.is_dir() and any(p.glob("*.py"))}
    assert {"formulas", "engine"} <= rooms <= set(FLOORS)


@pytest.mark.parametrize(
    ("file", "text", "found"),
    [
        ("formulas/a.py", "import ellwand.engine.local\n", "floor 2 from floor 1"),
        ("formulas/a.py", "from ellwand import engine\n", "floor 2 from floor 1"),
        ("formulas/a.py", "from ellwand import index\n", "floor 6 from floor 1"),
        ("formulas/a.py", "from ..engine import local\n", "floor 2 from floor 1"),
        ("formulas/a.py", "from ..market.prices import x\n", "floor 3 from floor 1"),
        ("formulas/a.py", "import pyarrow as pa\n", "no dependency of floor 1"),
        ("formulas/a.py", "def f():\n    import duckdb\n", "no dependency of floor 1"),
        ("formulas/a.py", "def f():\n    import pandas\n", "no dependency of floor 1"),
        ("engine/a.py", "from ellwand.production.report import x\n", "floor 3 from floor 2"),
        ("engine/a.py", "def f():\n    from ellwand.market import x\n", "floor 3 from floor 2"),
        ("engine/a.py", "from ellwand.cli import main\n", "floor 6 from floor 2"),
        ("engine/a.py", "import scipy\n", "no dependency of floor 2"),
        ("engine/a.py", "import pandas as pd\n", "to be imported inside a function"),
        ("engine/a.py", "from ellwand.engine import spark\n", "the Spark driver is an optional part"),
        ("cli.py", "from ellwand.engine.spark_files import x\n", "the Spark driver is an optional part"),
        ("market/a.py", "from ellwand.production import report\n", "do not know one another"),
        ("production/deep/a.py", "from ...market import prices\n", "do not know one another"),
        ("production/a.py", "from cryptography import x509\n", "no dependency of floor 3"),
        ("production/a.py", "try:\n    import django\nexcept ImportError:\n    pass\n", "no dependency of floor 3"),
        ("market/a.py", "from ellwand.office.rounds import x\n", "floor 4 from floor 3"),
        ("office/a.py", "from ellwand.web import x\n", "floor 5 from floor 4"),
        ("cli.py", "import requests\n", "no dependency of floor 6"),
    ],
)
def test_a_violation_is_found(tmp_path: Path, file: str, text: str, found: str) -> None:
    path = tmp_path / "ellwand" / file
    path.parent.mkdir(parents=True)
    path.write_text(text)
    assert [v for v in violations(tmp_path / "ellwand") if found in v], violations(tmp_path / "ellwand")


@pytest.mark.parametrize(
    ("file", "text"),
    [
        (
            "formulas/a.py",
            "import math\nimport numpy as np\nfrom ellwand.formulas.panel import Panel\nfrom . import b\n",
        ),
        ("engine/a.py", "import duckdb\nimport pyarrow\nfrom ellwand.formulas import panel\n"),
        ("engine/a.py", "def f():\n    import polars\n    from ellwand.engine import spark\n"),
        ("engine/spark_a.py", "import pyspark\nfrom ellwand.engine.spark import x\n"),
        ("market/a.py", "from ellwand.engine.errors import DataError\n"),
        ("web/a.py", "from ellwand.office import x\nfrom ellwand.production import y\n"),
        ("office/a.py", "import rfc8785, openpyxl, xlsxwriter\nfrom cryptography import x509\n"),
        ("cli.py", "from ellwand.market import x\nfrom ellwand.web import y\n"),
        ("__init__.py", "from ellwand.engine.index import index\n"),
    ],
)
def test_what_is_allowed(tmp_path: Path, file: str, text: str) -> None:
    path = tmp_path / "ellwand" / file
    path.parent.mkdir(parents=True)
    path.write_text(text)
    assert violations(tmp_path / "ellwand") == []
