"""The pictures of the documentation, taken from a compiled market's report with Chromium."""

import argparse
import shutil
import sys
from pathlib import Path

WIDTH, HEIGHT = 1440, 1290
"""Pixels: the value block, the chart of the total and the table of the classes begin to show."""
FLAGS = [
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
]  # fmt: skip


def take(report: Path, picture: Path) -> None:
    """The top of the English page, light, as PNG. SystemExit says what is missing."""
    try:
        from playwright.sync_api import sync_playwright
    except ImportError as error:
        raise SystemExit("take_pictures: Playwright is missing; make install") from error
    browser = shutil.which("chromium") or shutil.which("chromium-browser")
    if browser is None:
        raise SystemExit("take_pictures: Chromium is missing; on Debian: apt-get install chromium fonts-noto-cjk")
    if not report.is_file():
        raise SystemExit(f"take_pictures: {report} is not there; make demo writes it")
    picture.parent.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as driver:
        running = driver.chromium.launch(executable_path=browser, args=FLAGS)
        page = running.new_page(viewport={"width": WIDTH, "height": HEIGHT}, color_scheme="light")
        page.goto(report.resolve().as_uri() + "#en")
        page.screenshot(path=picture)
        running.close()
    print(f"{picture}: {picture.stat().st_size // 1024} kB")


def main() -> int:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("report", type=Path, help="report.html of a compiled market")
    parser.add_argument("picture", type=Path, help="the PNG to write")
    given = parser.parse_args()
    take(given.report, given.picture)
    return 0


if __name__ == "__main__":
    sys.exit(main())
