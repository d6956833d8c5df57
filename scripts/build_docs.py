"""The documentation: tables of methods kept fresh in the pages, and the pages built into a small static site.

    python scripts/build_docs.py              builds docs/ into build/docs
    python scripts/build_docs.py --refresh    writes the tables of methods into the pages under docs/
    python scripts/build_docs.py --check      exit status 1 if a table in a page is not fresh

A page asks for a table with the line `<!-- methods: NAME -->`, where NAME is a family (see FAMILIES) or `all`; what
stands between it and the line `<!-- end of methods -->` is generated from `ew.methods()`. The pages in docs/ hold the
methods of this package alone; the site also lists those of installed plug-ins, so that it tells what the machine
offers on which it was built. The keys of a method file stand between `<!-- keys of the method file -->` and
`<!-- end of keys -->` in the same way.

The site needs nothing from elsewhere: no script, no web font, one style sheet.
"""

import argparse
import html
import re
import shutil
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

import ellwand as ew
from ellwand.engine.plugins import load_methods
from ellwand.formulas.catalogue import TABLE
from ellwand.production.method import Method
from ellwand.production.schema import reference

ROOT = Path(__file__).resolve().parents[1]
DOCS = ROOT / "docs"
SITE = ROOT / "build" / "docs"

FAMILIES = {
    "elementary": "Elementary",
    "weighted": "Weighted bilateral",
    "fixed-basket": "Fixed basket",
    "geks": "GEKS",
    "systems": "Multilateral systems",
    "similarity": "Similarity linked",
    "hedonic": "Hedonic",
}
"""Pages under docs/methods/ that hold a family, and what the family is called."""

BLOCK = re.compile(r"(<!-- methods: (?P<name>[\w-]+) -->\n)(?P<body>.*?)(<!-- end of methods -->)", re.DOTALL)

KEYS = re.compile(r"(<!-- keys of the method file -->\n).*?(<!-- end of keys -->)", re.DOTALL)

Row = dict[str, Any]


def family_of(row: Row) -> str:
    """The page that a row of `ew.methods()` belongs to."""
    kind = TABLE[row["name"]].kind
    if row["family"] == "hedonic":
        return "hedonic"
    if row["family"] == "similarity" or kind == "linked":
        return "similarity"
    if row["family"] == "bilateral":
        if "weight_base_period" in row["parameters"]:
            return "fixed-basket"
        return "weighted" if row["quantities"] else "elementary"
    return "geks" if kind == "geks" or "geks" in row["name"] else "systems"


def methods(plugged: bool) -> list[Row]:
    """Rows of the table of methods, with or without those of plug-ins."""
    rows: list[Row] = ew.methods().to_pylist()
    return rows if plugged else [r for r in rows if r["name"] not in load_methods()]


def cell(text: str) -> str:
    """Text in a cell of a table."""
    return text.replace("|", "\\|").replace("\n", " ")


def code(text: str) -> str:
    return f"`{cell(text)}`" if text else ""


def columns(name: str, row: Row) -> list[str]:
    """The cells of a method."""
    if name == "all":
        page = family_of(row)
        synonyms = ", ".join(code(s) for s in row["synonyms"].split(", ") if s)
        return [code(row["name"]), synonyms, f"[{FAMILIES[page]}]({page}.md)", cell(row["properties"])]
    params = row["parameters"].replace("chain_method=None", "").strip(", ")
    parameters = ", ".join(code(p) for p in params.split(", ") if p)
    source = "" if row["reference"] == "-" else cell(row["reference"])
    return [code(row["name"]), code(row["formula"]), parameters, source]


def table(name: str, rows: Iterable[Row]) -> str:
    """The Markdown table of a family, or of all. ValueError for an unknown name."""
    if name != "all" and name not in FAMILIES:
        raise ValueError(f"no family of methods is called {name!r}; allowed: all, {', '.join(FAMILIES)}")
    heads = (
        ["method", "synonyms", "family", "properties"]
        if name == "all"
        else ["method", "formula", "parameters", "source"]
    )
    chosen = [r for r in rows if name in ("all", family_of(r))]
    lines = [heads, ["---"] * len(heads), *(columns(name, r) for r in chosen)]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def fill(text: str, rows: Sequence[Row]) -> str:
    """A page with its tables of methods made anew."""
    text = BLOCK.sub(lambda m: f"{m[1]}\n{table(m['name'], rows)}\n{m[4]}", text)
    return KEYS.sub(lambda m: f"{m[1]}\n{keys_of_the_method_file()}\n{m[2]}", text)


def keys_of_the_method_file() -> str:
    """Every table and key of a method file, one level of headings lower than on a page of its own."""
    return re.sub(r"^## ", "### ", reference(Method), flags=re.MULTILINE).rstrip()


def pages(folder: Path) -> list[Path]:
    """The Markdown files, in the order of their names."""
    return sorted(folder.rglob("*.md"))


def stale(folder: Path) -> list[Path]:
    """Pages whose tables are not those of `ew.methods()`."""
    rows = methods(plugged=False)
    return [p for p in pages(folder) if fill(p.read_text(encoding="utf-8"), rows) != p.read_text(encoding="utf-8")]


def refresh(folder: Path) -> list[Path]:
    """Write the tables into the pages; the pages that changed."""
    rows, changed = methods(plugged=False), stale(folder)
    for path in changed:
        path.write_text(fill(path.read_text(encoding="utf-8"), rows), encoding="utf-8")
    return changed


# -- the site ----------------------------------------------------------------------------------------------------------

STYLE = """\
:root { color-scheme: light dark; --ground: #FBFAF7; --raised: #FFFFFF; --ink: #1B2430; --soft: #55606E;
  --rule: #DAD7CF; --indigo: #23448C; }
@media (prefers-color-scheme: dark) { :root { --ground: #12161C; --raised: #1A2029; --ink: #E8EAED; --soft: #A3ADBA;
  --rule: #2E3743; --indigo: #8FB1FF; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--ground); color: var(--ink); font: 17px/1.6 ui-sans-serif, "Segoe UI", Roboto,
  "PingFang SC", "Noto Sans CJK SC", "Microsoft YaHei", sans-serif; font-variant-numeric: tabular-nums; }
a { color: var(--indigo); }
a:focus-visible { outline: 2px solid var(--indigo); outline-offset: 2px; }
.skip { position: absolute; left: -999em; }
.skip:focus { left: 8px; top: 8px; background: var(--raised); padding: 8px; }
.page { display: grid; grid-template-columns: 240px minmax(0, 1fr); gap: 48px; max-width: 1180px; margin: 0 auto;
  padding: 32px 24px 64px; }
nav { font-size: 15px; }
nav .name { font-size: 21px; font-weight: 600; color: var(--ink); text-decoration: none; }
nav h2 { font-size: 13px; color: var(--soft); margin: 24px 0 4px; font-weight: 600; }
nav ul { list-style: none; margin: 0; padding: 0; }
nav li a { display: block; padding: 3px 0; text-decoration: none; }
nav a[aria-current] { font-weight: 600; color: var(--ink); }
main p, main li { max-width: 44em; }
h1 { font-size: 28px; line-height: 1.25; margin: 0 0 16px; }
main h2 { font-size: 21px; margin: 40px 0 8px; padding-top: 16px; border-top: 1px solid var(--rule); }
main h3 { font-size: 17px; margin: 24px 0 8px; }
code, pre { font-family: ui-monospace, "SF Mono", Consolas, monospace; font-size: 15px; }
pre { background: var(--raised); border: 1px solid var(--rule); border-radius: 4px; padding: 12px 16px;
  overflow-x: auto; line-height: 1.45; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; font-size: 15px; }
th, td { text-align: left; vertical-align: top; padding: 4px 16px 4px 0; }
thead th { border-bottom: 1px solid var(--ink); font-weight: 600; }
tbody tr:nth-child(5n) td { border-bottom: 1px solid var(--rule); }
tbody tr:hover td { background: var(--raised); }
img { max-width: 100%; height: auto; border: 1px solid var(--rule); border-radius: 4px; }
@media (max-width: 640px) { .page { display: block; padding: 16px; } nav { margin-bottom: 32px; } }
"""


@dataclass(frozen=True)
class Page:
    """A page: its path below docs/, its title, and its tokens."""

    path: PurePosixPath
    title: str
    tokens: list[Any]

    @property
    def target(self) -> PurePosixPath:
        return self.path.with_suffix(".html")


def slug(text: str) -> str:
    """The name by which a heading is linked: lower case, letters, digits, - and _, spaces as -."""
    return re.sub(r"[^\w\- ]", "", text.lower()).replace(" ", "-")


def parser() -> Any:
    from markdown_it import MarkdownIt

    return MarkdownIt("commonmark").enable("table")


def plain(token: Any) -> str:
    """The text of a heading, without marks."""
    return "".join(t.content for t in token.children or [] if t.type in ("text", "code_inline"))


def read_page(path: PurePosixPath, text: str) -> Page:
    """A page from its text. ValueError if it has no heading of level 1."""
    tokens = [t for t in parser().parse(text) if not (t.type == "html_block" and t.content.startswith("<!--"))]
    title, seen = "", dict[str, int]()
    for at, token in enumerate(tokens):
        if token.type == "heading_open":
            words = plain(tokens[at + 1])
            name = slug(words)
            seen[name] = seen.get(name, -1) + 1
            token.attrSet("id", f"{name}-{seen[name]}" if seen[name] else name)
            title = title or (words if token.tag == "h1" else "")
        for child in token.children or []:
            if child.type == "link_open":
                child.attrSet("href", address(path, str(child.attrGet("href"))))
    if not title:
        raise ValueError(f"docs/{path}: a page needs a heading of level 1")
    return Page(path, title, tokens)


def address(page: PurePosixPath, link: str) -> str:
    """A link between pages as a link of the site. ValueError for one that leaves docs/."""
    target, mark, anchor = link.partition("#")
    if not target or re.match(r"[a-z]+:", target):
        return link
    if target.startswith("/") or depth(page.parent / target) < 0:
        raise ValueError(f"docs/{page}: the link {link} leaves docs/, which the site does not hold")
    return (target[:-3] + ".html" if target.endswith(".md") else target) + mark + anchor


def depth(path: PurePosixPath) -> int:
    """Folders below docs/, negative above it."""
    return sum(-1 if part == ".." else 1 for part in path.parts if part != ".") - 1


def order(found: Sequence[Page]) -> list[tuple[str, list[Page]]]:
    """Pages under the headings of index.md that link to them; those that it does not link come last."""
    by_path = {str(p.target): p for p in found}
    home = by_path["index.html"]
    groups: list[tuple[str, list[Page]]] = [("", [home])]
    placed = {"index.html"}
    heading = ""
    for at, token in enumerate(home.tokens):
        if token.type == "heading_open":
            heading = plain(home.tokens[at + 1]) if token.tag == "h2" else heading
        for child in token.children or []:
            target = str(child.attrGet("href")).partition("#")[0] if child.type == "link_open" else ""
            if target in by_path and target not in placed:
                placed.add(target)
                if groups[-1][0] != heading:
                    groups.append((heading, []))
                groups[-1][1].append(by_path[target])
    rest = [p for p in found if str(p.target) not in placed]
    return groups + ([("More", rest)] if rest else [])


def render(page: Page, groups: Sequence[tuple[str, list[Page]]]) -> str:
    """The page as HTML, with the list of all pages beside it."""
    up = "../" * (len(page.path.parts) - 1)
    nav = [f'<a class="name" href="{up}index.html">Ellwand</a>']
    for heading, members in groups:
        nav.append(f"<h2>{html.escape(heading)}</h2>" if heading else "")
        items = (
            f'<li><a href="{up}{p.target}"{" aria-current=page" if p is page else ""}>{html.escape(p.title)}</a></li>'
            for p in members
        )
        nav.append(f"<ul>{''.join(items)}</ul>")
    body = parser().renderer.render(page.tokens, parser().options, {})
    body = body.replace("<table>", '<div class="scroll"><table>').replace("</table>", "</table></div>")
    title = page.title if page.title.startswith("Ellwand") else f"{page.title} · Ellwand"
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f'<title>{html.escape(title)}</title>\n<link rel="stylesheet" href="{up}style.css">\n</head>\n<body>\n'
        '<a class="skip" href="#text">Skip to the text</a>\n<div class="page">\n'
        f'<nav aria-label="Pages">{"".join(nav)}</nav>\n<main id="text">\n{body}</main>\n</div>\n</body>\n</html>\n'
    )


def build(folder: Path, site: Path) -> list[Page]:
    """Build the site anew; its pages. Files that are not Markdown (pictures) are copied."""
    rows = methods(plugged=True)
    found = [
        read_page(PurePosixPath(p.relative_to(folder).as_posix()), fill(p.read_text(encoding="utf-8"), rows))
        for p in pages(folder)
    ]
    groups = order(found)
    if site.exists():
        shutil.rmtree(site)
    site.mkdir(parents=True)
    for path in sorted(folder.rglob("*")):
        target = site / path.relative_to(folder)
        if path.is_dir():
            target.mkdir(exist_ok=True)
        elif path.suffix != ".md":
            shutil.copyfile(path, target)
    (site / "style.css").write_text(STYLE, encoding="utf-8")
    for page in found:
        (site / page.target).write_text(render(page, groups), encoding="utf-8")
    return found


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command."""
    top = argparse.ArgumentParser(prog="build_docs.py", description="Build the documentation.")
    act = top.add_mutually_exclusive_group()
    act.add_argument("--refresh", action="store_true", help="write the tables of methods into the pages")
    act.add_argument("--check", action="store_true", help="fail if a table of methods is not fresh")
    top.add_argument("--docs", type=Path, default=DOCS)
    top.add_argument("--out", type=Path, default=SITE)
    args = top.parse_args(argv)
    if args.check or args.refresh:
        changed = refresh(args.docs) if args.refresh else stale(args.docs)
        for path in changed:
            print(f"{path}: table of methods {'written' if args.refresh else 'is not fresh'}")
        if args.check and changed:
            print("refresh them with: python scripts/build_docs.py --refresh", file=sys.stderr)
        return int(bool(args.check and changed))
    try:
        found = build(args.docs, args.out)
    except ValueError as error:
        print(f"build_docs.py: {error}", file=sys.stderr)
        return 2
    print(f"{len(found)} pages in {args.out}: open {args.out / 'index.html'}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
