"""Pictures of every page of the site, in both languages, on a phone and on a wide screen, light and dark.

    python scripts/take_screenshots.py --dir DIR --out DIR [--docs DIR] [--only WORD ...]

A demo is made in DIR unless it is there. All pictures go to --out with a page that shows them side by side; the few of
the documentation go to --docs.
"""

import argparse
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from html import escape
from pathlib import Path
from typing import Any

FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip
WIDTHS = {390: 844, 1440: 900}
"""Widths of the screens and their heights."""
ROOTS = {"zh": "/", "en": "/en/"}
SCHEMES = ("light", "dark")
EXTRA = ("search?q=面料", "explore/?series=1,2,3", "no-such-page/")
"""Addresses beyond those without parts."""
DOCS = (
    ("home", "", "en", 1440, 1180, "light"),
    ("series", "index/1/", "en", 1440, 1180, "light"),
    ("tree", "index/", "zh", 1440, 1000, "light"),
    ("phone", "", "zh", 390, 844, "dark"),
)
"""Pictures of the documentation: name, address, language, width, height, light or dark."""


def demo(folder: Path, weeks: int) -> None:
    """Make the demo unless it is there."""
    if not (folder / "settings.toml").is_file():
        command = [
            sys.executable,
            "-m",
            "ellwand.cli",
            "demo",
            "--dir",
            str(folder),
            "--weeks",
            str(weeks),
            "--no-serve",
        ]
        subprocess.run(command, check=True)  # noqa: S603


def addresses(folder: Path) -> list[str]:
    """The address of every page below the root of a language; those with parts get ones that are there."""
    os.environ["ELLWAND_DIR"] = str(folder)
    from ellwand import web
    from ellwand.office import setup

    web.enable()
    setup.office(folder)
    import ellwand.web.urls  # noqa: F401
    from ellwand.office.pages.reading import current
    from ellwand.web.moments import moment
    from ellwand.web.site.page import PAGES

    last = moment().last
    if last is None:
        raise SystemExit("take_screenshots: the demo has no release")
    parts = {
        "<str:code>": "1", "<str:issue>": last.period, "<str:digest>": last.method_digest,
    }  # fmt: skip
    out = []
    for entry in PAGES.values():
        address = entry.address
        if entry.name in ("release",):
            address = address.replace("<str:code>", last.code)
        for part, value in parts.items():
            address = address.replace(part, value)
        kept = "<" not in address and (not address or address.endswith("/") or address == "search")
        if kept and entry.name not in ("comments", "embed"):
            out.append(address)
    out += [edition.address for edition in current()[:2]]
    return [*dict.fromkeys(out), *EXTRA]


def served(folder: Path) -> tuple[str, "subprocess.Popen[bytes]"]:
    """A server of the demo, and its address."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [
        sys.executable, "-m", "granian", "--interface", "wsgi", "--host", "127.0.0.1", "--port", str(port),
        "--blocking-threads", "4", "--no-ws", "--log-level", "warning", "ellwand.web.wsgi:application",
    ]  # fmt: skip
    running = subprocess.Popen(command, env={**os.environ, "ELLWAND_DIR": str(folder)})  # noqa: S603
    base = f"http://127.0.0.1:{port}"
    for _ in range(150):
        try:
            with urllib.request.urlopen(f"{base}/calendar/", timeout=5):  # noqa: S310
                return base, running
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            time.sleep(0.2)
    running.kill()
    raise SystemExit("take_screenshots: the server does not answer")


def file_of(address: str) -> str:
    """A name of a file for an address."""
    plain = "".join(letter if letter.isalnum() else "-" for letter in address).strip("-")
    return plain[:60] or "home"


def take(base: str, out: Path, docs: Path | None, pages: list[str]) -> int:
    """Take all pictures; how many."""
    from playwright.sync_api import sync_playwright

    browser = shutil.which("chromium") or shutil.which("chromium-browser")
    if browser is None:
        raise SystemExit("take_screenshots: Chromium is missing; on Debian: apt-get install chromium fonts-noto-cjk")
    out.mkdir(parents=True, exist_ok=True)
    count = 0
    with sync_playwright() as driver:
        running = driver.chromium.launch(executable_path=browser, args=FLAGS)
        for scheme in SCHEMES:
            for width, height in WIDTHS.items():
                page = window(running, width, height, scheme)
                for language, root in ROOTS.items():
                    for address in pages:
                        page.goto(base + root + address)
                        page.screenshot(path=out / picture(address, language, width, scheme), full_page=True)
                        count += 1
                page.context.close()
        if docs is not None:
            docs.mkdir(parents=True, exist_ok=True)
            for name, address, language, width, height, scheme in DOCS:
                page = window(running, width, height, scheme)
                page.goto(base + ROOTS[language] + address)
                page.screenshot(path=docs / f"{name}.png")
                page.context.close()
        running.close()
    (out / "index.html").write_text(sheet(pages), encoding="utf-8")
    return count


def window(running: Any, width: int, height: int, scheme: str) -> Any:
    """A window of the browser."""
    size = {"width": width, "height": height}
    return running.new_context(viewport=size, color_scheme=scheme, reduced_motion="reduce").new_page()


def picture(address: str, language: str, width: int, scheme: str) -> str:
    """The file of a picture."""
    return f"{file_of(address)}-{language}-{width}-{scheme}.png"


def sheet(pages: list[str]) -> str:
    """A page that shows all pictures side by side."""
    rows = []
    for address in pages:
        shown = "".join(
            f'<img src="{picture(address, language, width, scheme)}" width="{width // 3}" alt="">'
            for scheme in SCHEMES
            for width in WIDTHS
            for language in ROOTS
        )
        rows.append(f"<h2>/{escape(address)}</h2><p>{shown}</p>")
    style = "<style>p{display:flex;gap:8px;align-items:flex-start;overflow:auto;background:#888;padding:8px}</style>"
    return f"<!doctype html><meta charset=utf-8><title>Screenshots</title>{style}{''.join(rows)}"


def main() -> int:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--dir", type=Path, required=True, help="folder of the demo")
    parser.add_argument("--out", type=Path, required=True, help="folder of the pictures")
    parser.add_argument("--docs", type=Path, help="folder of the documentation's pictures")
    parser.add_argument("--weeks", type=int, default=60, help="released weeks of a new demo (default: 60)")
    parser.add_argument("--only", nargs="*", default=[], help="addresses that begin so")
    given = parser.parse_args()
    demo(given.dir, given.weeks)
    pages = [a for a in addresses(given.dir) if not given.only or any(a.startswith(w) for w in given.only)]
    base, running = served(given.dir)
    try:
        count = take(base, given.out, given.docs, pages)
    finally:
        running.terminate()
        running.wait(timeout=10)
    print(f"{count} pictures of {len(pages)} pages in {given.out}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
