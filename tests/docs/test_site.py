"""The builder: tables of methods from `ew.methods()`, plug-ins in the site, and a site that needs no other host."""

import importlib.util
import os
import re
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

import ellwand as ew

ROOT = Path(__file__).parents[2]
SCRIPT = ROOT / "scripts" / "build_docs.py"
REFRESH = "python scripts/build_docs.py --refresh"

PLUGGED = """
from ellwand.formulas.bilateral import LASPEYRES, PAASCHE
from ellwand.formulas.catalogue import Method
from ellwand.formulas.composition import nested

METHODS = [
    Method("plugged_mean", "bilateral", "(2 L + P)/3", "an example of a plug-in",
           lambda: nested(1, LASPEYRES, PAASCHE, weights=(2/3, 1/3)), aliases=("plugged",)),
    Method("plugged_geks", "multilateral", "GEKS of Paasche", "an example", lambda: PAASCHE, kind="geks"),
]
"""


@pytest.fixture(scope="module")
def builder() -> ModuleType:
    spec = importlib.util.spec_from_file_location("build_docs", SCRIPT)
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules["build_docs"] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def site(builder: ModuleType, tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("site") / "docs"
    builder.build(ROOT / "docs", target)
    return target


def run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(SCRIPT), *arguments],
        env=os.environ | environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


# -- tables of methods -------------------------------------------------------------------------------------------------


def test_the_tables_in_the_pages_are_fresh(builder: ModuleType) -> None:
    stale = [p.relative_to(ROOT).as_posix() for p in builder.stale(ROOT / "docs")]
    assert stale == [], f"the table of methods has changed; refresh the pages with: {REFRESH}"


def test_every_method_is_on_the_page_of_its_family(builder: ModuleType) -> None:
    pages = {name: (ROOT / "docs" / "methods" / f"{name}.md").read_text(encoding="utf-8") for name in builder.FAMILIES}
    for row in builder.methods(plugged=False):
        name = f"| `{row['name']}` |"
        assert [family for family, text in pages.items() if name in text] == [builder.family_of(row)], row["name"]
        assert name in (ROOT / "docs" / "methods" / "index.md").read_text(encoding="utf-8")


def test_a_page_that_is_not_fresh_is_found_and_refreshed(tmp_path: Path) -> None:
    page = tmp_path / "index.md"
    page.write_text("# A\n\n<!-- methods: hedonic -->\nold\n<!-- end of methods -->\n\nafter\n")
    found = run("--check", "--docs", str(tmp_path))
    assert found.returncode == 1
    assert REFRESH in found.stderr
    assert run("--refresh", "--docs", str(tmp_path)).returncode == 0
    text = page.read_text()
    assert "| `tdh` |" in text
    assert "old" not in text
    assert text.endswith("<!-- end of methods -->\n\nafter\n")
    assert run("--check", "--docs", str(tmp_path)).returncode == 0


def test_an_unknown_family_is_refused(builder: ModuleType) -> None:
    with pytest.raises(ValueError, match="no family of methods is called 'none'; allowed: all, elementary"):
        builder.fill("<!-- methods: none -->\n<!-- end of methods -->\n", [])


# -- plug-ins ----------------------------------------------------------------------------------------------------------


def plug_in(folder: Path) -> str:
    """Lay an installed package with methods into a folder; the path on which it is found."""
    folder.mkdir()
    (folder / "plugged.py").write_text(PLUGGED)
    info = folder / "plugged-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: plugged\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[ellwand.methods]\nexample = plugged:METHODS\n")
    return os.pathsep.join([str(folder), str(Path(ew.__file__).parent.parent)])


def test_a_plugged_method_is_in_the_site(tmp_path: Path, site: Path) -> None:
    path = plug_in(tmp_path / "package")
    done = run("--out", str(tmp_path / "site"), PYTHONPATH=path)
    assert done.returncode == 0, done.stderr
    for page, name in (("weighted", "plugged_mean"), ("geks", "plugged_geks")):
        text = (tmp_path / "site" / "methods" / f"{page}.html").read_text(encoding="utf-8")
        assert f"<code>{name}</code>" in text
        assert name not in (site / "methods" / f"{page}.html").read_text(encoding="utf-8")
    everything = (tmp_path / "site" / "methods" / "index.html").read_text(encoding="utf-8")
    assert "<code>plugged</code>" in everything
    assert "<code>plugged_geks</code>" in everything


def test_a_plugged_method_does_not_make_the_pages_stale(tmp_path: Path) -> None:
    done = run("--check", PYTHONPATH=plug_in(tmp_path / "package"))
    assert done.returncode == 0, done.stdout


# -- the site ----------------------------------------------------------------------------------------------------------


def links(path: Path) -> list[str]:
    return re.findall(r'(?:href|src)="([^"]+)"', path.read_text(encoding="utf-8"))


def test_every_page_is_built(site: Path) -> None:
    sources = {p.relative_to(ROOT / "docs").with_suffix("").as_posix() for p in (ROOT / "docs").rglob("*.md")}
    assert {p.relative_to(site).with_suffix("").as_posix() for p in site.rglob("*.html")} == sources


def test_every_link_of_the_site_leads_somewhere(site: Path) -> None:
    for page in site.rglob("*.html"):
        for link in links(page):
            if re.match(r"[a-z]+:", link):
                continue
            target, _, anchor = link.partition("#")
            file = (page.parent / target).resolve() if target else page
            assert file.is_file(), f"{page.name}: {link}"
            if anchor:
                assert f'id="{anchor}"' in file.read_text(encoding="utf-8"), f"{page.name}: {link}"


def test_every_page_is_in_the_list_of_pages(site: Path) -> None:
    nav = (site / "index.html").read_text(encoding="utf-8").split("</nav>")[0]
    for page in site.rglob("*.html"):
        assert f'href="{page.relative_to(site).as_posix()}"' in nav


def test_the_site_loads_nothing_from_other_hosts(site: Path) -> None:
    for path in site.rglob("*"):
        if path.suffix == ".html":
            text = path.read_text(encoding="utf-8")
            assert not re.search(r"<(script|iframe|object|embed|base)\b", text)
            assert not re.search(r'<(?:link|img|source|video)\b[^>]*(?:href|src)="(?:[a-z]+:)?//', text)
        if path.suffix in (".html", ".css"):
            assert not re.search(r"@import|url\(|@font-face", path.read_text(encoding="utf-8"))


def test_tables_and_code_are_rendered(site: Path) -> None:
    text = (site / "methods" / "geks.html").read_text(encoding="utf-8")
    assert "<td><code>geks_fisher</code></td>" in text
    assert "<!--" not in text
    assert "aria-current=page>The GEKS family</a>" in text
    assert '<pre><code class="language-python">' in text


@pytest.mark.parametrize(
    ("page", "link", "address"),
    [
        ("a.md", "b.md", "b.html"),
        ("a.md", "#part", "#part"),
        ("methods/a.md", "../b.md#part", "../b.html#part"),
        ("a.md", "pictures/x.png", "pictures/x.png"),
        ("a.md", "https://example.org/x.md", "https://example.org/x.md"),
    ],
)
def test_links_of_pages_become_links_of_the_site(builder: ModuleType, page: str, link: str, address: str) -> None:
    assert builder.address(builder.PurePosixPath(page), link) == address


def test_a_link_that_leaves_the_pages_is_refused(tmp_path: Path) -> None:
    (tmp_path / "index.md").write_text("# A\n\n[x](../README.md)\n")
    done = run("--docs", str(tmp_path), "--out", str(tmp_path / "site"))
    assert done.returncode == 2
    assert (
        done.stderr
        == "build_docs.py: docs/index.md: the link ../README.md leaves docs/, which the site does not hold\n"
    )


def test_a_page_without_a_title_is_refused(tmp_path: Path) -> None:
    (tmp_path / "index.md").write_text("text\n")
    done = run("--docs", str(tmp_path), "--out", str(tmp_path / "site"))
    assert done.returncode == 2
    assert "docs/index.md: a page needs a heading of level 1" in done.stderr
