"""The examples of the documentation: read from a page, and run in a folder of their own.

How a page marks its blocks is said in docs/writing.md.
"""

import contextlib
import io
import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

PROGRAMS = ("ellwand", "python", "cat", "head", "ls")
"""What a console example may start."""

SHOWN = ("text", "csv", "toml", "json", "r")
"""Languages of blocks that are not run."""

FILE = re.compile(r"[\w./-]+\.\w+")
NOT_RUN = re.compile(r"not run: \S.*")
COMMAND = re.compile(r"^(\$ |>>> |import ellwand|from ellwand|ew\.)", re.MULTILINE)


@dataclass(frozen=True)
class Block:
    """A fenced block: language, the rest of the line that opens it, text, line, and whether it follows one at once."""

    language: str
    info: str
    text: str
    line: int
    follows: bool


class PageError(AssertionError):
    """An example that is not as its page says."""


def blocks(text: str) -> list[Block]:
    """The fenced blocks of a page. PageError for one that is not closed."""
    out: list[Block] = []
    opened: tuple[int, str, str] | None = None
    body: list[str] = []
    between = True
    for number, line in enumerate(text.splitlines(), start=1):
        fence = re.match(r"```(\S*)\s*(.*)$", line)
        if opened and line.strip() == "```":
            start, language, info = opened
            out.append(Block(language, info, "".join(f"{x}\n" for x in body), start, bool(out) and not between))
            opened, body, between = None, [], False
        elif opened:
            body.append(line)
        elif fence:
            opened = (number, fence[1], fence[2].strip())
        elif line.strip():
            between = True
    if opened:
        raise PageError(f"line {opened[0]}: the block is not closed")
    return out


def install(folder: Path) -> None:
    """What `pip install` would write for the pyproject.toml of the folder: its name, version and entry points."""
    project = tomllib.loads((folder / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    info = folder / f"{project['name'].replace('-', '_')}-{project['version']}.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {project['name']}\nVersion: {project['version']}\n")
    groups = project["entry-points"].items()
    text = "".join(f"[{g}]\n" + "".join(f"{k} = {v}\n" for k, v in points.items()) for g, points in groups)
    (info / "entry_points.txt").write_text(text)


def shortened(text: str) -> str:
    """Numbers of more than ten decimals cut to ten digits: the last ones are not the same on every machine."""

    def short(number: re.Match[str]) -> str:
        text = f"{float(number[0]):.10g}"
        return text if "." in text else f"{text}.0"

    return re.sub(r"\d+\.\d{11,}", short, text)


def same(shown: str, printed: str) -> bool:
    """Whether the output is as shown; a line `...` stands for any lines."""
    shown, printed = shortened(shown), shortened(printed)
    pattern = "".join(r"(?:.*\n)*" if line == "..." else re.escape(line) + "\n" for line in shown.rstrip().splitlines())
    return re.fullmatch(pattern, "".join(line.rstrip() + "\n" for line in printed.rstrip().splitlines())) is not None


class Runner:
    """Runs the blocks of one page, in order, in one folder and one name space. `ran` counts the examples.

    programs : what its console examples may start.
    """

    def __init__(self, folder: Path, programs: tuple[str, ...] = PROGRAMS) -> None:
        self.folder, self.programs = folder, programs
        self.names: dict[str, Any] = {"__name__": "example"}
        self.ran = 0

    def page(self, text: str) -> None:
        """Run every example. PageError, with the line, for one that fails or does not print what the page shows."""
        found = blocks(text)
        for at, block in enumerate(found):
            below = found[at + 1] if at + 1 < len(found) else None
            output = below if below and below.follows and below.language == "text" and not below.info else None
            try:
                self.block(block, output)
            except PageError as error:
                raise PageError(f"line {block.line}: {error}") from None

    def block(self, block: Block, output: Block | None) -> None:
        if not block.language:
            raise PageError("the block names no language; use python or console for what is run, text for what is not")
        if block.info.startswith("not run"):
            if not NOT_RUN.fullmatch(block.info):
                raise PageError("a block that is not run gives its reason: not run: REASON")
            return
        if block.info:
            if not FILE.fullmatch(block.info):
                raise PageError(f"{block.info!r} is neither a file name nor 'not run: REASON'")
            self.write(block)
        elif block.language == "python":
            self.python(block, output)
        elif block.language == "console":
            self.console(block)
        elif block.language not in SHOWN:
            raise PageError(f"{block.language!r} blocks are not known; use python or console for what is run, or text")
        elif block.language == "text" and COMMAND.search(block.text):
            raise PageError("the block looks like an example; mark it python or console, or text not run: REASON")

    def write(self, block: Block) -> None:
        target = (self.folder / block.info).resolve()
        if self.folder.resolve() not in target.parents:
            raise PageError(f"{block.info} lies outside of the folder of the page")
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(block.text, encoding="utf-8")
        if block.info == "pyproject.toml":
            install(self.folder)

    def python(self, block: Block, output: Block | None) -> None:
        printed = io.StringIO()
        code = compile("\n" * block.line + block.text, "page", "exec")
        with contextlib.chdir(self.folder), contextlib.redirect_stdout(printed):
            exec(code, self.names)
        self.ran += 1
        self.compare(output.text if output else "", printed.getvalue(), "a text block right below shows the output")

    def console(self, block: Block) -> None:
        lines = block.text.replace("\\\n", "").splitlines()
        starts = [i for i, line in enumerate(lines) if line.startswith("$ ")]
        if not starts or starts[0]:
            raise PageError("a console block starts with a line '$ COMMAND'")
        for a, b in zip(starts, [*starts[1:], len(lines)], strict=True):
            command, shown = lines[a][2:], "\n".join(lines[a + 1 : b])
            program = command.split()[0]
            if program not in self.programs:
                raise PageError(
                    f"{program} is not started here; allowed: {', '.join(self.programs)}; or text not run: REASON"
                )
            done = self.start(command)
            self.ran += 1
            self.compare(shown, done.stdout + (done.stderr if done.returncode else ""), f"$ {command}")
            if "Traceback (most recent call last)" in done.stderr:
                raise PageError(f"$ {command}\n{done.stderr}")
            if done.returncode not in (0, 1, 2) or (done.returncode and not shown.strip()):
                raise PageError(f"$ {command}\nends with status {done.returncode}: {done.stderr}")

    def start(self, command: str) -> subprocess.CompletedProcess[str]:
        """Run a command in the folder, with the programs of this Python first and the folder's package installed."""
        here = Path(sys.executable).parent
        if not (here / "ellwand").exists():
            raise PageError(f"there is no ellwand command beside {sys.executable}; install the package (make install)")
        path = os.pathsep.join([str(here), os.environ.get("PATH", "")])
        environment = os.environ | {"PATH": path, "COLUMNS": "100", "NO_COLOR": "1", "PYTHONUTF8": "1"}
        if (self.folder / "pyproject.toml").exists():
            environment["PYTHONPATH"] = str(self.folder)
        return subprocess.run(
            ["bash", "-c", command],
            cwd=self.folder,
            env=environment,
            capture_output=True,
            text=True,
            timeout=180,
            check=False,
        )

    @staticmethod
    def compare(shown: str, printed: str, what: str) -> None:
        if not same(shown, printed):
            raise PageError(f"{what}; the page shows\n{shown.rstrip()}\nand it prints\n{printed.rstrip()}")


@pytest.fixture(scope="session")
def page_runner() -> Callable[[Path], Runner]:
    """Makes a runner in a folder."""
    return Runner


@pytest.fixture
def runner(tmp_path: Path) -> Runner:
    """A runner in an empty folder."""
    folder = tmp_path / "page"
    folder.mkdir()
    return Runner(folder)


@pytest.fixture(scope="session")
def blocks_of() -> Callable[[str], list[Block]]:
    """The fenced blocks of a text."""
    return blocks


@pytest.fixture(scope="session")
def page_error() -> type[PageError]:
    """What is raised for an example that is not as its page says."""
    return PageError
