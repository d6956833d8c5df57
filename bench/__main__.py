"""`python -m bench`: run the tasks, print the table, write the figures as JSON."""

import argparse
import json
import sys
from pathlib import Path

from bench.measure import ROOT
from bench.report import table
from bench.suite import run
from bench.tasks import TASKS, chosen


def _positive(text: str) -> int:
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError(f"{text} is not 1 or more")
    return value


def main(arguments: list[str]) -> int:
    """Exit status 0 when the tasks have run, whatever their speed; 2 for a wrong argument."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    names = ", ".join(f"{i} {t.name}" for i, t in enumerate(TASKS, 1))
    parser.add_argument("--large", action="store_true", help="the task of 100 million rows too")
    parser.add_argument("--repeat", type=_positive, default=5, help="runs of each, the median counts (default 5)")
    parser.add_argument("--only", action="append", default=[], metavar="TASK", help=f"one task, repeatable: {names}")
    parser.add_argument("--rows", type=_positive, help="about so many rows in each task, in place of the full size")
    parser.add_argument("--json", type=Path, default=ROOT / "build" / "bench.json", metavar="OUT")
    parser.add_argument("--data", type=Path, default=ROOT / "build" / "bench-data", help="where rows are kept")
    parser.add_argument("--peer-timeout", type=float, default=120.0, metavar="S", help="wall seconds a peer may take")
    given = parser.parse_args(arguments)
    try:
        tasks = chosen(given.only, given.large)
    except ValueError as error:
        parser.error(str(error))
    results = run(tasks, rows=given.rows, repeat=given.repeat, timeout=given.peer_timeout, root=given.data)
    given.json.parent.mkdir(parents=True, exist_ok=True)
    given.json.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")
    print(table(results))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
