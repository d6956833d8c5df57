"""The project speaks of itself alone: no names of registries, no paths of one machine, no words of the workplace."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
FOLDERS = ("src", "docs", "tests", "bench", "scripts", "requirements", ".ci")
FILES = ("README.md", "CHANGELOG.md", "CONTRIBUTING.md", "Makefile", "pyproject.toml")
ENDINGS = {
    ".py",
    ".md",
    ".toml",
    ".txt",
    ".cfg",
    ".ini",
    ".sh",
    ".yml",
    ".yaml",
    ".html",
    ".css",
    ".js",
    ".in",
    ".lock",
}

# The words are put together here, so that this file does not find itself.
REGISTRIES = ["py" + "pi.org", "python" + "hosted", "npm" + "js", "con" + "da", "docker" + ".io", "ghcr" + ".io"]
PATHS = ["/" + name + "/" for name in ("wo" + "rk", "ho" + "me", "ro" + "ot")]
TEMPORARY = "/" + "tmp" + "/"
WORDS = ["assist" + "ant", "chat" + "bot", "co" + "pilot", "clau" + "de", "open" + "ai", "anth" + "ropic", "ll" + "m"]
PROCESS = ["ses" + "sion", "pro" + "mpt", "sub" + "agent"]

# What pytest, Spark, the system and browsers' signing in call by that name, an adverb, and a file's name.
HARMLESS = re.compile(
    rf"{WORDS[-1]}s\.txt|"
    rf"scope=.{PROCESS[0]}|request\.{PROCESS[0]}|pytest\.{PROCESS[0]}|Spark[ _]?{PROCESS[0]}|{PROCESS[1]}ly"
    rf"|start_new_{PROCESS[0]}|contrib\.{PROCESS[0]}s[\w.]*|{PROCESS[0]}_\w+|{PROCESS[0]}(middleware|store)"
    rf"|client\.{PROCESS[0]}|\b{PROCESS[0]}(\[|\.save|\.flush|\.get|\s=)",
    re.IGNORECASE,
)


BUILT = ("src/ellwand/web/site/static/site/interactive.js",)
"""Made by a program from the sources of a library, which name their variables as they like."""


def texts() -> Iterator[tuple[str, str]]:
    for name in FILES:
        if (ROOT / name).is_file():
            yield name, (ROOT / name).read_text(encoding="utf-8")
    for folder in FOLDERS:
        for path in sorted((ROOT / folder).rglob("*")):
            hidden = any(p.startswith((".", "__pycache__")) for p in path.relative_to(ROOT / folder).parts)
            if path.is_file() and not hidden and (path.suffix in ENDINGS or path.name in ("Makefile", "Dockerfile")):
                name = path.relative_to(ROOT).as_posix()
                if name not in BUILT:
                    yield name, path.read_text(encoding="utf-8")


def word(text: str) -> str:
    return rf"(?<![A-Za-z]){re.escape(text)}s?(?![A-Za-z])"


RULES = {
    "registry": re.compile("|".join(re.escape(r) for r in REGISTRIES[:3] + REGISTRIES[4:]) + "|" + word(REGISTRIES[3])),
    "path of a machine": re.compile("|".join(rf"(?<![\w./*:>}})-]){re.escape(p)}" for p in PATHS)),
    "word of the workplace": re.compile("|".join(word(w) for w in WORDS), re.IGNORECASE),
    "process": re.compile("|".join(word(w) for w in PROCESS), re.IGNORECASE),
    "short name": re.compile(r"(?<![\w])" + "A" + "I" + r"(?![\w=-])"),
}


def findings(name: str, text: str) -> list[str]:
    """Lines that break a rule."""
    out = []
    rules = dict(RULES)
    if "spark" in name or "accounts" in name or "users" in name:
        # Where the text is about Spark or about signing in, there is one.
        rules["process"] = re.compile("|".join(word(w) for w in PROCESS[1:]), re.IGNORECASE)
    if not name.startswith("tests"):
        rules["temporary path"] = re.compile(rf"(?<![\w./]){re.escape(TEMPORARY)}")
    for number, line in enumerate(text.splitlines(), start=1):
        plain = HARMLESS.sub("", line)
        out += [
            f"{name}:{number}: {rule}: {line.strip()[:100]}" for rule, pattern in rules.items() if pattern.search(plain)
        ]
    return out


def test_the_project_speaks_of_itself_alone() -> None:
    seen = list(texts())
    assert {"README.md", "pyproject.toml", "src/ellwand/__init__.py", "tests/conftest.py"} <= {name for name, _ in seen}
    assert [line for name, text in seen for line in findings(name, text)] == []


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("pip install --index-url https://" + "py" + "pi.org/simple", "registry"),
        ("url: https://files." + "python" + "hosted.org/x", "registry"),
        ("installed with " + "con" + "da", "registry"),
        ("open('" + PATHS[0] + "shared/x.csv')", "path of a machine"),
        ("see " + PATHS[1] + "me", "path of a machine"),
        ("as the " + "Assist" + "ant wrote", "word of the workplace"),
        ("written by " + "A" + "I", "short name"),
        ("in the last " + "ses" + "sion we decided", "process"),
        ("the " + "pro" + "mpt asked for it", "process"),
    ],
)
def test_a_wrong_line_is_found(text: str, rule: str) -> None:
    assert any(f": {rule}: " in line for line in findings("docs/x.md", text))


def test_a_temporary_path_is_found_outside_of_tests() -> None:
    assert findings("docs/x.md", "write to " + TEMPORARY + "x")
    assert not findings("tests/x.py", "write to " + TEMPORARY + "x")


@pytest.mark.parametrize(
    "text",
    [
        "secondary diagonal",
        "ws / " + "ho" + "me-made / cotton",
        "docs/" + "wo" + "rk/index.md",
        '@pytest.fixture(scope="ses' + 'sion")',
        "Spark" + "Ses" + "sion.builder",
        "promptly",
        "AIDS model",
    ],
)
def test_a_right_line_is_not_found(text: str) -> None:
    assert findings("docs/x.md", text) == []
