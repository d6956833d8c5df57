"""From drafted to public: two approvals, the seal, the gate of time."""

from typing import Any

from ellwand.office.releases import read_public, verify_release


def test_from_drafted_to_public(week: Any) -> None:
    from ellwand.office.approvals import scheduling
    from ellwand.office.record import reading
    from ellwand.office.record.models import Release
    from ellwand.office.rounds import work

    found = week.drafted()
    stat = week.approve(found, "statistics")
    assert found.state == "stat_approved"
    text = week.approve(found, "text")
    assert found.state == "text_approved"
    release = scheduling.schedule(found, week.office.user("cai"))
    assert found.state == "scheduled" and release.code == "price-2022-W01-1"
    assert (release.stat_hash, release.text_hash) == (stat.hash, text.hash)
    folder = week.office.home.archive / release.folder
    assert verify_release(folder, [read_public(week.office.home.keys)]).fault is None
    assert scheduling.schedule(found, week.office.user("cai")).pk == release.pk
    week.at(2022, 1, 10, 3, 59, 59)
    work.settle(found)
    assert found.state == "scheduled"
    assert reading.latest() is None and reading.figures() == [] and reading.public() == []
    week.at(2022, 1, 10, 4, 0, 0)
    latest = reading.latest()
    assert latest is not None and latest.pk == release.pk
    assert reading.figures(["price/total"])[0].observation.published
    work.settle(found)
    assert found.state == "public"
    assert Release.objects.count() == 1
