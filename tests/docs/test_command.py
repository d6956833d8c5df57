"""Every sub-command and option of `ellwand` stands in docs/command.md, and nothing that is not there."""

import argparse
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from ellwand.cli import parser

PAGE = Path(__file__).parents[2] / "docs" / "command.md"
EVERYWHERE = {"--help", "-h", "--version"}
"""Options that the head of the page explains for all commands."""


def commands(top: argparse.ArgumentParser, name: str = "ellwand") -> Iterator[tuple[str, argparse.ArgumentParser]]:
    """Every sub-command by its whole name, those of sub-commands too."""
    for action in top._actions:
        if isinstance(action, argparse._SubParsersAction):
            for word, sub in action.choices.items():
                yield f"{name} {word}", sub
                yield from commands(sub, f"{name} {word}")


def options(command: argparse.ArgumentParser) -> list[str]:
    """The longest way to write each option, and the names of what stands without one."""
    out = []
    for action in command._actions:
        if isinstance(action, argparse._SubParsersAction):
            continue
        if action.option_strings:
            out.append(max(action.option_strings, key=len))
        else:
            out.append(str(action.metavar or action.dest))
    return [o for o in out if o not in EVERYWHERE]


def sections(text: str) -> dict[str, str]:
    """The part of the page below each heading that names a command."""
    parts = re.split(r"^#{2,4} `(ellwand[ \w-]+)`.*$", text, flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def missing(text: str, top: argparse.ArgumentParser) -> list[str]:
    """What the page does not say, and what it says of options that there are not."""
    found, out = sections(text), []
    for name, command in commands(top):
        if name not in found:
            out.append(f"there is no section '## `{name}`'")
            continue
        prose = re.sub(r"^```.*?^```$", "", found[name], flags=re.DOTALL | re.MULTILINE)
        out += [f"{name}: {o} is not explained" for o in options(command) if f"`{o}`" not in prose]
        known = {s for a in command._actions for s in a.option_strings} | EVERYWHERE
        shown = re.findall(r"`(-[\w-]+)`", prose) + re.findall(rf"^\$ {name} .*?(--[\w-]+)", found[name], re.MULTILINE)
        out += [f"{name}: there is no option {o}" for o in sorted(set(shown) - known)]
    names = {name for name, _ in commands(top)}
    return out + [f"there is no command {name}" for name in found if name not in names]


def test_every_command_and_option_is_documented() -> None:
    assert missing(PAGE.read_text(encoding="utf-8"), parser()) == []


def test_every_choice_is_documented() -> None:
    found = sections(PAGE.read_text(encoding="utf-8"))
    for name, command in commands(parser()):
        for action in command._actions:
            if not isinstance(action, argparse._SubParsersAction):
                for choice in action.choices or ():
                    assert f"`{choice}`" in found[name], f"{name}: {choice!r} of {action.option_strings} is not named"


def test_the_options_of_all_commands_are_explained() -> None:
    head = PAGE.read_text(encoding="utf-8").split("\n## ")[0]
    assert all(option in head for option in EVERYWHERE)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("## `ellwand one`\n\n`--x` and `FILE`\n", []),
        ("## `ellwand one`\n\n`FILE`\n", ["ellwand one: --x is not explained"]),
        ("## `ellwand one`\n\n`--x`\n", ["ellwand one: FILE is not explained"]),
        ("## `ellwand one`\n\n`FILE`\n```console\n$ ellwand one `--x`\n```\n", ["ellwand one: --x is not explained"]),
        ("## `ellwand one`\n\n`--x` `FILE` `--y`\n", ["ellwand one: there is no option --y"]),
        ("## `ellwand two`\n", ["there is no section '## `ellwand one`'", "there is no command ellwand two"]),
    ],
)
def test_what_is_missing_is_found(text: str, found: list[str]) -> None:
    top = argparse.ArgumentParser(prog="ellwand")
    one = top.add_subparsers().add_parser("one")
    one.add_argument("file", metavar="FILE")
    one.add_argument("--x")
    assert missing(text, top) == found
