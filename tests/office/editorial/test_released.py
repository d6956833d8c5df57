"""`ellwand check-text --release`: a text against a release of the office, of its record and of its archive."""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ellwand.cli import main
from ellwand.production.method import read_method

RELEASE = "price-2022-W03-1"


@pytest.fixture
def released(sqlite_office: Any, written: Callable[..., Any], tmp_path: Path) -> dict[str, Any]:
    """A release of the third week in the archive of an office, and its texts as files."""
    from ellwand.office.editorial.texts import texts_of
    from ellwand.office.releases import pack
    from ellwand.office.releases.canonical import read_instant
    from ellwand.office.rounds import snapshot

    found = written(sqlite_office, 3)
    folder = tmp_path / "market"
    folder.mkdir()
    snapshot.take(found).write(folder)
    method = tmp_path / "method.toml"
    method.write_text(found.compilations.get().method.text, encoding="utf-8")
    texts = texts_of(found)
    target = pack(
        folder, sqlite_office.home.archive, read_method(method), period=found.period, texts=texts,
        at=read_instant("2022-01-24T04:00:00Z"), version="test",
    )  # fmt: skip
    assert target.name == RELEASE
    for name, data in texts.items():
        (tmp_path / name).write_bytes(data)
    return {"office": sqlite_office, "round": found, "folder": target, "texts": tmp_path}


def check(released: dict[str, Any], name: str, *more: str, release: str = RELEASE) -> int:
    directory = str(released["office"].home.path)
    return main(["check-text", str(released["texts"] / name), "--release", release, "--dir", directory, *more])


def spoil(released: dict[str, Any]) -> None:
    path = released["texts"] / "price.zh.md"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("总指数报", "总指数报1", 1), encoding="utf-8")


def test_a_text_against_the_archive_and_the_record(
    released: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    from ellwand.office import clock
    from ellwand.office.record.models import Release

    beside = ("--with", str(released["texts"] / "price.en.md"))

    def verdicts() -> None:
        for name in ("price.zh.md", "price.zh.json", "price.en.json"):
            assert check(released, name) == 0, capsys.readouterr().out
        assert check(released, "price.zh.md", *beside) == 0
        capsys.readouterr()

    # From the archive: the record holds no row of the release.
    verdicts()
    found = released["round"]
    Release(
        code=RELEASE, compilation=found.compilations.get(), family="price", period=found.period, number=1,
        release_at=clock.now(), sealed_at=clock.now(), folder=RELEASE,
        stat_hash="0" * 64, text_hash="0" * 64, manifest="0" * 64,
    ).save()  # fmt: skip
    verdicts()
    spoil(released)
    assert check(released, "price.zh.md", *beside) == 1
    told = capsys.readouterr().out.splitlines()
    assert ":5:" in told[0] and ": figure: " in told[0] and told[-1] == "3 findings"
    # The folder alone will do; a public copy has no inputs, and so no items.
    assert check(released, "price.zh.md", *beside, release=str(released["folder"])) == 1
    capsys.readouterr()
    public = released["texts"] / "public"
    shutil.copytree(released["folder"], public)
    shutil.rmtree(public / "inputs")
    assert check(released, "price.zh.md", release=str(public)) == 1
    assert ": figure: " in capsys.readouterr().out


def test_a_release_that_is_not_there(released: dict[str, Any], capsys: pytest.CaptureFixture[str]) -> None:
    assert check(released, "price.zh.md", release="price-2022-W04-1") == 2
    assert f"release 'price-2022-W04-1' is not there; did you mean '{RELEASE}'" in capsys.readouterr().err
    path = str(released["texts"] / "price.zh.md")
    assert main(["check-text", path]) == 2
    assert "give --observations FOLDER of a compilation, or --release ID" in capsys.readouterr().err
