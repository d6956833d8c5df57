"""Every example of the pages runs and prints what the page shows; every link leads somewhere."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
PAGES = [ROOT / "README.md", *sorted(DOCS.rglob("*.md"))]
TEXTS = [*PAGES, ROOT / "CHANGELOG.md"]
ELSEWHERE = {
    "docs/spark.md": "tests/spark/test_documentation.py",
    "docs/data-users.md": "tests/office/site/test_data_users.py",
    "docs/collection.md": "tests/office/collection/test_page.py",
}
"""Pages whose examples another test runs, because they need more than a folder: Java, an office that answers."""

LINK = re.compile(r"(?<![\\!])\[(?:[^\[\]]|\[[^\]]*\])*\]\(([^()\s]+)\)")


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def without_code(text: str) -> str:
    """The text without fenced blocks and code, in which brackets are no links."""
    return re.sub(r"`[^`\n]*`", "code", re.sub(r"^```.*?^```$", "", text, flags=re.DOTALL | re.MULTILINE))


def anchors(text: str) -> set[str]:
    """The names of the headings, as pages are shown by code hosts and by our site."""
    seen: dict[str, int] = {}
    out = set()
    plain = re.sub(r"^```.*?^```$", "", text, flags=re.DOTALL | re.MULTILINE)
    for heading in re.findall(r"^#{1,6} (.+)$", plain, flags=re.MULTILINE):
        words = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading)
        slug = re.sub(r"[^\w\- ]", "", words.strip().lower()).replace(" ", "-")
        seen[slug] = seen.get(slug, -1) + 1
        out.add(f"{slug}-{seen[slug]}" if seen[slug] else slug)
    return out


def pictures(path: Path, text: str) -> list[str]:
    """Pictures of a page that are not there."""
    found = re.findall(r"!\[[^\]]*\]\(([^()\s]+)\)", without_code(text))
    return [p for p in found if not (path.parent / p).is_file()]


def dead(path: Path, text: str) -> list[str]:
    """Links of a page that lead to no file or no heading; those to other hosts are not followed."""
    out = []
    for link in LINK.findall(without_code(text)):
        if re.match(r"[a-z]+:", link):
            continue
        target, _, anchor = unquote(link).partition("#")
        file = (path.parent / target).resolve() if target else path
        if not file.is_file():
            out.append(f"{link}: no such file")
        elif anchor and file.suffix == ".md":
            found = anchors(text if file == path else file.read_text(encoding="utf-8"))
            if anchor not in found:
                out.append(f"{link}: no such heading")
    return out


@pytest.mark.parametrize("path", [pytest.param(p, id=name(p)) for p in PAGES if name(p) not in ELSEWHERE])
def test_examples(path: Path, runner: Any) -> None:
    text = path.read_text(encoding="utf-8")
    runner.page(text)
    assert runner.ran == len(re.findall(r"^```python$|^\$ ", marked(text), flags=re.MULTILINE))


def marked(text: str) -> str:
    """The text without the blocks that are files or not run, so that what is left to run can be counted."""
    return re.sub(r"^```\w+ [^\n]+\n.*?^```$", "", text, flags=re.DOTALL | re.MULTILINE)


@pytest.mark.parametrize("page", ELSEWHERE)
def test_pages_that_another_test_runs(page: str) -> None:
    assert (ROOT / page).name in (ROOT / ELSEWHERE[page]).read_text(encoding="utf-8")


@pytest.mark.parametrize("path", [pytest.param(p, id=name(p)) for p in TEXTS])
def test_no_dead_link(path: Path) -> None:
    assert dead(path, path.read_text(encoding="utf-8")) == []


def test_every_picture_is_there() -> None:
    assert {name(p): missing for p in TEXTS if (missing := pictures(p, p.read_text(encoding="utf-8")))} == {}


@pytest.mark.parametrize("path", [pytest.param(p, id=name(p)) for p in PAGES])
def test_a_page_has_one_title(path: Path) -> None:
    text = re.sub(r"^```.*?^```$", "", path.read_text(encoding="utf-8"), flags=re.DOTALL | re.MULTILINE)
    assert len(re.findall(r"^# \S", text, flags=re.MULTILINE)) == 1
    assert text.startswith("# ")


def test_each_family_has_a_worked_example(blocks_of: Callable[[str], list]) -> None:
    for path in sorted((DOCS / "methods").glob("*.md")):
        text = path.read_text(encoding="utf-8")
        if path.name == "index.md":
            continue
        assert [b for b in blocks_of(text) if b.language == "python"], f"{path.name} has no example"
        for heading in ("Formula", "When to use it", "Example", "References"):
            assert re.search(rf"^## {heading}", text, flags=re.MULTILINE), f"{path.name} has no part {heading!r}"


# -- that the checks can fail ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("page", "message"),
    [
        ("```python\nprint(1)\n```\n", "^line 1: [^$]*prints\n1"),
        ("```python\nprint(1)\n```\n\n```text\n2\n```\n", "shows\n2\nand it prints\n1"),
        ("```python\nx = 1\n```\n\n```text\n2\n```\n", "shows\n2"),
        ("```\nprint(1)\n```\n", "names no language"),
        ("```py\nprint(1)\n```\n", "'py' blocks are not known"),
        ("```text\nimport ellwand as ew\n```\n", "looks like an example"),
        ("```text\n$ ellwand methods\n```\n", "looks like an example"),
        ("```text not run:\n$ ellwand methods\n```\n", "gives its reason"),
        ("```python whatever else\nx = 1\n```\n", "neither a file name nor"),
        ("```csv ../x.csv\na\n```\n", "outside of the folder"),
        ("```console\n$ curl example.org\n```\n", "curl is not started here"),
        ("```console\nellwand methods\n```\n", "starts with a line"),
        ("```console\n$ ellwand --version\nellwand 0.0\n```\n", "the page shows\nellwand 0.0"),
        ("```console\n$ ellwand index none.csv --method fisher\n```\n", "no such file"),
        ("```console\n$ python -c 'raise SystemExit(3)'\n```\n", "status 3"),
        ("```console\n$ python -c 'raise ValueError(3)'\n...\n```\n", "Traceback"),
        ("```python\n", "not closed"),
    ],
)
def test_a_wrong_example_is_found(page: str, message: str, runner: Any, page_error: type[AssertionError]) -> None:
    with pytest.raises(page_error, match=message):
        runner.page(page)


def test_an_example_that_raises_is_found(runner: Any) -> None:
    with pytest.raises(ZeroDivisionError):
        runner.page("```python\n1 / 0\n```\n")


def test_right_examples_run(runner: Any) -> None:
    runner.page(
        "```csv a.csv\nperiod,product,price\n1,a,2\n2,a,3\n```\n"
        "```python\nimport ellwand as ew\nx = ew.index('a.csv', 'jevons')['index'].to_pylist()\nprint(x[1])\nprint(2)\n"
        "```\n\n```text\n1.5\n...\n```\n"
        "```console\n$ ellwand index a.csv --method jevons \\\n    --base 2 -o b.csv\n$ cat b.csv\n...\n2,1.0,1,ok\n"
        "```\n```text not run: it needs a network\n$ curl example.org\n```\n```text\nI = a / b\n```\n"
    )
    assert runner.ran == 3


def test_a_dead_link_is_found(tmp_path: Path) -> None:
    page = tmp_path / "a.md"
    (tmp_path / "b.md").write_text("# B\n\n## `ellwand index` and more\n")
    good = "# A\n[b](b.md) [c](b.md#ellwand-index-and-more) [d](#a) [e](https://example.org/x) `[x](y.md)`"
    page.write_text(good)
    assert dead(page, good) == []
    assert pictures(page, "![p](p.png) ![b](b.md) [p](q.png)") == ["p.png"]
    assert dead(page, "[b](c.md) [c](b.md#no) [d](#no)") == [
        "c.md: no such file",
        "b.md#no: no such heading",
        "#no: no such heading",
    ]
