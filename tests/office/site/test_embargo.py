"""The embargo in every channel: before the instant T nothing reveals a release, at T everything shows it."""

import importlib.util
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest


def _load(name: str) -> Any:
    """A file beside this one, which is no test."""
    spec = importlib.util.spec_from_file_location(f"site_{name}", Path(__file__).with_name(f"{name}.py"))
    assert spec and spec.loader
    made = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = made
    spec.loader.exec_module(made)
    return made


channels = _load("channels")
PUBLIC, WAITING, CODE, NOBODY = "2022-W01", "2022-W02", "1", "price-2022-W52-1"


def read(client: Any, channel: Any, release: str) -> tuple[int, dict[str, str], bytes]:
    answer = client.get(channel.address.format(release=release, period=WAITING, code=CODE))
    return answer.status_code, channels.headers(answer), channels.body(answer)


def test_no_channel_reveals_a_release_before_its_instant(week: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from ellwand.office import clock
    from ellwand.office.record.models import Release
    from ellwand.office.rounds import work
    from ellwand.web import limits

    # One reader asks for every channel several times within a minute.
    monkeypatch.setattr(limits._Count, "one_more", lambda *_: 1)
    week.public(PUBLIC)
    week.at(2022, 1, 16, 3)
    # The second week is in the calendar before its release is made.
    work.plan(WAITING, week.office.user("cai"))
    client = week.office.client()
    silent = clock.now()
    before = {c: read(client, c, f"price-{WAITING}-1") for c in channels.CHANNELS}
    week.scheduled(WAITING)
    release = Release.objects.get(period=WAITING)
    secrets = secrets_of(release)
    assert len(secrets) > 10
    monkeypatch.setattr(clock, "now", lambda: silent)
    for channel in channels.CHANNELS:
        status, head, text = read(client, channel, release.code)
        if channel.steady:
            assert (status, head, text) == before[channel], channel
        if channel.named:
            other = read(client, channel, NOBODY)
            swapped = text.replace(release.code.encode(), NOBODY.encode())
            assert status == 404 and (status, swapped) == (other[0], other[2]), channel
            assert {k: v.replace(release.code, NOBODY) for k, v in head.items()} == other[1], channel
        else:
            found = [s for s in secrets if s.encode() in text or s in str(head)]
            assert not found, (channel, found)
    # One second before the instant, and at it.
    monkeypatch.setattr(clock, "now", lambda: release.release_at - timedelta(seconds=1))
    for channel in channels.CHANNELS:
        status, head, text = read(client, channel, release.code)
        assert channel.named or not any(s.encode() in text or s in str(head) for s in secrets), channel
        assert (status == 404) == channel.named, channel
        kept = head.get("Cache-Control", "")
        assert channel.named or "max-age=0," in kept or "no-store" in kept or "max-age" not in kept, (channel, kept)
    monkeypatch.setattr(clock, "now", lambda: release.release_at)
    for channel in channels.CHANNELS:
        status, head, text = read(client, channel, release.code)
        assert status == 200, channel
        if channel.shows:
            assert any(s.encode() in text or s in str(head) for s in secrets), channel


def secrets_of(release: Any) -> set[str]:
    """What only the release says: its name, its hashes, its figures where no earlier release had the same."""
    from ellwand.office.record.models import Observation

    figures = {
        text
        for row in Observation.objects.filter(compilation=release.compilation).values_list(
            "published", "published_change_previous", "index"
        )
        for text in map(str, row)
        if len(text) > 5
    }
    known = {
        str(v) for v in Observation.objects.exclude(compilation=release.compilation).values_list("published", flat=True)
    }
    return {release.code, release.manifest, release.stat_hash, release.text_hash} | (figures - known)
