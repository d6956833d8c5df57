"""The page docs/governance.md, made from the fifty features of governance and the tests that prove them.

    python scripts/build_governance.py            writes the page
    python scripts/build_governance.py --check    exit status 1 if the page is not fresh

A feature has one test, tests/office/governance/test_*.py: test_governance_NN_name. The first paragraph of its docstring
says what it does. A test that waits says for what in the reason of its mark `skip`, or, where only a part of it waits,
in a paragraph of its docstring that begins with "Waits:".
"""

import argparse
import ast
import re
import sys
from dataclasses import dataclass
from pathlib import Path

from ellwand.office.audit.features import FEATURES

ROOT = Path(__file__).resolve().parents[1]
TESTS = ROOT / "tests" / "office" / "governance"
PAGE = ROOT / "docs" / "governance.md"
BOTH = {"week", "office"}
"""Fixtures that run a test on both databases."""

HEAD = """# Governance: fifty features and their tests

What makes an index trustworthy is stated here as fifty requirements, and each has a test that tries to break it on a
real office. `pytest -k governance` runs them. This page is made from the tests by `scripts/build_governance.py`; what a
running office finds of itself stands on its own page `/about/governance/`.

Principles: FB: IOSCO Principles for Financial Benchmarks (2013). PRA: IOSCO oil price reporting principles (2012). BMR:
Regulation (EU) 2016/1011, Annex II. SDDS: IMF Special Data Dissemination Standard. ESS: European Statistics Code of
Practice. UK: UK Code of Practice for Statistics. UN: UN Fundamental Principles of Official Statistics. G: GSBPM. Clause
numbers are working references.

{count}

| # | Requirement | Principle | What the test does | State |
|---|---|---|---|---|
"""


@dataclass(frozen=True)
class Proof:
    """The test of a feature. does : what it does. waits : for what, "" if nothing does. both : on both databases."""

    number: int
    name: str
    does: str
    waits: str
    both: bool

    @property
    def state(self) -> str:
        """In words."""
        where = "tested on SQLite and PostgreSQL" if self.both else "tested"
        if not self.does:
            return "no test yet"
        if not self.waits:
            return where
        return self.waits if self.waits.startswith("waits") else f"{where}; waits: {self.waits}"


def proofs() -> dict[int, list[Proof]]:
    """The tests by number of their feature."""
    out: dict[int, list[Proof]] = {}
    for path in sorted(TESTS.glob("test_*.py")):
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            name = re.fullmatch(r"test_governance_(\d\d)_\w+", getattr(node, "name", ""))
            if name is not None and isinstance(node, ast.FunctionDef):
                made = _proof(int(name[1]), node)
                out.setdefault(made.number, []).append(made)
    return out


def _proof(number: int, node: ast.FunctionDef) -> Proof:
    parts = [" ".join(p.split()) for p in (ast.get_docstring(node) or "").split("\n\n")]
    waits = next((p.removeprefix("Waits:").strip() for p in parts if p.startswith("Waits:")), "")
    for mark in node.decorator_list:
        if isinstance(mark, ast.Call) and ast.unparse(mark.func) == "pytest.mark.skip":
            waits = next((str(ast.literal_eval(k.value)) for k in mark.keywords if k.arg == "reason"), "")
            waits = waits if waits.startswith("waits") else f"waits: {waits}"
    both = bool(BOTH & {a.arg for a in node.args.args})
    return Proof(number, node.name, parts[0], waits, both)


def page() -> str:
    """The text of the page."""
    found = proofs()
    rows, tested = [], 0
    for number, one in FEATURES.items():
        mine = found.get(number, [Proof(number, "", "", "", False)])[0]
        tested += mine.state.startswith("tested")
        cells = (str(number), one.en, one.source, mine.does or "-", mine.state)
        rows.append("| " + " | ".join(c.replace("|", "\\|") for c in cells) + " |\n")
    count = f"{tested} of {len(FEATURES)} are tested now; what the others wait for stands in the last column."
    return HEAD.format(count=count) + "".join(rows)


def main() -> int:
    """Write the page, or compare it."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else "")
    parser.add_argument("--check", action="store_true", help="write nothing; exit status 1 if the page is not fresh")
    text = page()
    if parser.parse_args().check:
        if PAGE.is_file() and PAGE.read_text(encoding="utf-8") == text:
            return 0
        print(f"{PAGE.name} is not what the tests give; run python {Path(__file__).name}", file=sys.stderr)
        return 1
    PAGE.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
