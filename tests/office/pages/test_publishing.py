"""Drafts, editions and pictures: what is refused, what stays for good, and the entry in the trail of every act."""

import io
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from ellwand.engine.errors import DataError


def entries(act: str) -> list[Any]:
    from ellwand.office.audit.models import Entry

    return list(Entry.objects.filter(act=act).order_by("sequence"))


def test_the_life_of_an_article(office: Any, monkeypatch: pytest.MonkeyPatch, words: dict[str, str]) -> None:
    from ellwand.office.audit import trail
    from ellwand.office.pages import publishing, reading, writing

    wen = office.user("wen")
    office.at(monkeypatch, 2022, 1, 5, 1)
    first = writing.start("news", words, wen)
    assert reading.find("news", "autumn-fair") is None and not reading.current()
    out = publishing.publish(first, wen)
    assert (out.number, out.address, out.simulated) == (1, "news/autumn-fair/", True)
    assert [e.pk for e in reading.current("news")] == [out.pk] and not reading.current("about")
    with pytest.raises(DataError, match=r"public already|已经公开"):
        publishing.publish(first, wen)

    # The same text again is no new draft; a changed one is not public until somebody publishes it.
    assert writing.save(first.article, words, wen, base=1).pk == first.pk
    second = writing.save(
        first.article, words | {"slug": "fair-2022", "lead_en": "Two days."}, wen, base=1, note="shorter"
    )
    assert second.number == 2 and [e.draft.pk for e in reading.current()] == [first.pk]
    office.at(monkeypatch, 2022, 1, 6, 1)
    again = publishing.publish(second, wen)
    assert again.number == 2 and again.digest != out.digest
    old = reading.find("news", "autumn-fair")
    assert old is not None and old.draft.slug == "fair-2022"
    assert [e.number for e in reading.editions(first.article)] == [2, 1]

    with pytest.raises(DataError, match="reason"):
        publishing.withdraw(first.article, wen, "  ")
    gone = publishing.withdraw(first.article, wen, "the fair is off")
    assert not reading.current() and gone.number == 3
    found = reading.find("news", "fair-2022")
    assert found is not None and found.withdrawn
    with pytest.raises(DataError, match=r"not public|没有公开"):
        publishing.withdraw(first.article, wen, "again")

    acts = ["pages.draft", "pages.publish", "pages.withdraw"]
    assert [len(entries(act)) for act in acts] == [2, 2, 1]
    last = entries("pages.withdraw")[0]
    assert last.actor == wen.pk and last.role == "writer" and last.reason == "the fair is off"
    assert last.before["digest"] == again.digest and last.after["digest"] == gone.digest
    assert trail.verify()[2] is None

    # Before its instant an edition does not show, whoever asks.
    office.at(monkeypatch, 2022, 1, 5, 0)
    assert not reading.current() and reading.find("news", "autumn-fair") is None


def test_only_a_writer_writes(office: Any, words: dict[str, str], photograph: Callable[..., bytes]) -> None:
    from ellwand.office.accounts.people import RefusedError
    from ellwand.office.pages import pictures, publishing, writing

    draft = writing.start("news", words, office.user("wen"))
    for name in ("ada", "cai", "tex", "aud"):
        user = office.user(name)
        type(user).objects.filter(pk=user.pk).update(is_superuser=True)
        user = office.user(name)
        for act in (
            lambda u=user: writing.start("news", words, u),
            lambda u=user: writing.save(draft.article, words, u, base=1),
            lambda u=user: publishing.publish(draft, u),
            lambda u=user: publishing.withdraw(draft.article, u, "x"),
            lambda u=user: pictures.keep(photograph(), u),
        ):
            with pytest.raises(RefusedError):
                act()


@pytest.mark.parametrize(
    ("section", "change", "fields"),
    [
        ("news", {"title_zh": "", "body_zh": "", "lead_zh": ""}, []),
        ("news", {"title_en": "", "body_en": "", "lead_en": ""}, []),
        ("news", {"day": ""}, ["day"]),
        ("news", {"title_en": ""}, ["title_en"]),
        ("news", {"body_en": " \n##  \n"}, ["body_en"]),
        ("news", {"title_zh": "", "body_zh": "", "lead_zh": "", "title_en": "", "body_en": "", "lead_en": ""},
         ["title_zh", "body_zh", "title_en", "body_en"]),
        ("market-news", {}, ["source"]),
        ("market-news", {"source": "A paper", "source_url": "https://paper.example/1"}, []),
        ("about", {"day": "", "title_en": "", "body_en": "", "lead_en": ""}, ["title_en", "body_en"]),
        ("knowledge", {"day": ""}, []),
    ],
)  # fmt: skip
def test_what_a_publication_lacks(
    sqlite_office: Any, section: str, change: dict[str, str], fields: list[str], words: dict[str, str]
) -> None:
    from ellwand.office.pages import publishing, writing
    from ellwand.office.pages.models import Edition

    wen = sqlite_office.user("wen")
    draft = writing.start(section, words | change, wen)
    assert [f.field for f in writing.faults(draft)] == fields
    if fields:
        with pytest.raises(writing.UnfitError) as caught:
            publishing.publish(draft, wen)
        assert [f.field for f in caught.value.faults] == fields
        assert not Edition.objects.exists() and not entries("pages.publish")
    else:
        publishing.publish(draft, wen)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"slug": ""}, "slug"),
        ({"slug": "Autumn Fair"}, "slug"),
        ({"slug": "../x"}, "slug"),
        ({"slug": "秋"}, "slug"),
        ({"slug": "governance"}, "slug"),
        ({"slug": "a" * 81}, "slug"),
        ({"day": "4 January"}, "day"),
        ({"day": "2022-02-30"}, "day"),
        ({"title_zh": "长" * 201}, "title_zh"),
        ({"body_en": "a" * 60_001}, "body_en"),
        ({"body_en": "[x](javascript:x)"}, "body_en"),
        ({"source_url": "ftp://a.example"}, "source_url"),
        ({"source_url": "https://a b"}, "source_url"),
    ],
)
def test_what_a_draft_can_not_keep(
    sqlite_office: Any, change: dict[str, str], field: str, words: dict[str, str]
) -> None:
    from ellwand.office.pages import writing
    from ellwand.office.pages.models import Article

    with pytest.raises(writing.UnfitError) as caught:
        writing.start("about", words | change, sqlite_office.user("wen"))
    assert [f.field for f in caught.value.faults] == [field]
    assert not Article.objects.exists()


def test_two_writers_do_not_overwrite_one_another(office: Any, words: dict[str, str]) -> None:
    from ellwand.office.pages import writing

    wen = office.user("wen")
    draft = writing.start("news", words, wen)
    writing.save(draft.article, words | {"lead_en": "A"}, wen, base=1)
    with pytest.raises(DataError, match="wen"):
        writing.save(draft.article, words | {"lead_en": "B"}, wen, base=1)
    newest = writing.last(draft.article)
    assert newest is not None and (newest.number, newest.lead_en) == (2, "A")


def test_an_address_belongs_to_one_article_for_good(office: Any, words: dict[str, str]) -> None:
    from ellwand.office.pages import publishing, writing

    wen = office.user("wen")
    one, two = (writing.start("news", words, wen) for _ in range(2))
    publishing.publish(one, wen)
    with pytest.raises(writing.UnfitError, match="slug"):
        publishing.publish(two, wen)
    moved = writing.save(one.article, words | {"slug": "other"}, wen, base=1)
    publishing.publish(moved, wen)
    with pytest.raises(writing.UnfitError, match="slug"):
        writing.save(two.article, words | {"lead_en": "x"}, wen, base=1)
    # The same words in another section are another address.
    publishing.publish(writing.start("market-news", words | {"source": "A paper"}, wen), wen)


def test_pictures_are_made_small_and_lose_their_notes(
    office: Any, words: dict[str, str], photograph: Callable[..., bytes]
) -> None:
    from PIL import Image

    from ellwand.office.pages import pictures, publishing, reading, writing

    wen = office.user("wen")
    notes = Image.Exif()
    notes[0x010E], notes[0x0112] = "the secret place", 6
    content = photograph((1600, 900), exif=notes)
    assert b"secret place" in content
    kept = pictures.keep(content, wen)
    data = bytes(kept.data)
    assert b"secret" not in data and len(data) <= pictures.LARGEST
    with Image.open(io.BytesIO(data)) as shown:
        # Orientation 6: the camera was held upright.
        assert shown.size == (kept.width, kept.height) == (607, 1080) and not shown.getexif()
    assert pictures.keep(content, wen).pk == kept.pk and len(entries("pages.picture")) == 1

    draft = writing.start("news", words, wen, picture=kept)
    assert [f.field for f in writing.faults(draft)] == ["alt_zh", "alt_en"]
    assert reading.picture(kept.name) is None
    better = writing.save(draft.article, words | {"alt_zh": "展馆", "alt_en": "The hall"}, wen, picture=kept, base=1)
    publishing.publish(better, wen)
    found = reading.picture(kept.name)
    assert found is not None and bytes(found.data) == data
    publishing.withdraw(draft.article, wen, "x")
    assert reading.picture(kept.name) is None


@pytest.mark.parametrize("name", ["text", "svg", "gif", "cut", "bomb", "large", "empty"])
def test_what_is_no_picture(sqlite_office: Any, name: str, photograph: Callable[..., bytes]) -> None:
    import struct
    import zlib

    from ellwand.office.pages import pictures
    from ellwand.office.pages.models import Picture

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    bomb = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0))
    given = {
        "text": b"not a picture", "svg": b"<svg xmlns='http://www.w3.org/2000/svg'><script>1</script></svg>",
        "gif": photograph((20, 20), "GIF"), "cut": photograph()[:5000], "bomb": bomb + chunk(b"IDAT", b""),
        "large": photograph((20, 20)) + b"\x00" * pictures.LARGEST_FILE, "empty": b"",
    }[name]  # fmt: skip
    with pytest.raises(DataError, match="picture"):
        pictures.keep(given, sqlite_office.user("wen"))
    assert not Picture.objects.exists()


def test_a_busy_picture_gets_smaller_and_is_not_refused() -> None:
    from PIL import Image

    from ellwand.office.pages import pictures

    out = io.BytesIO()
    Image.effect_noise((1600, 1600), 120).convert("RGB").save(out, "PNG")
    data, size = pictures.encode(out.getvalue())
    assert len(data) <= pictures.LARGEST and size[0] == size[1] < pictures.WIDEST


def test_clear_pictures_stand_on_white(sqlite_office: Any) -> None:
    from PIL import Image

    from ellwand.office.pages import pictures

    out = io.BytesIO()
    Image.new("RGBA", (40, 30), (255, 0, 0, 0)).save(out, "PNG")
    data, size = pictures.encode(out.getvalue())
    with Image.open(io.BytesIO(data)) as shown:
        assert size == (40, 30) and shown.getpixel((20, 15)) == (255, 255, 255)


def test_rows_stay_as_they_are(office: Any, words: dict[str, str], photograph: Callable[..., bytes]) -> None:
    from django.db import IntegrityError, connection, transaction

    from ellwand.office.append_only import ImmutableError
    from ellwand.office.pages import pictures, publishing, writing

    wen = office.user("wen")
    kept = pictures.keep(photograph(), wen)
    draft = writing.start("news", words | {"alt_zh": "馆", "alt_en": "Hall"}, wen, picture=kept)
    edition = publishing.publish(draft, wen)
    for row in (edition, draft, kept, draft.article):
        with pytest.raises(ImmutableError):
            row.save()
        with pytest.raises(ImmutableError):
            row.delete()
        for statement in (f'UPDATE "{row._meta.db_table}" SET at = at', f'DELETE FROM "{row._meta.db_table}"'):
            with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(statement)


def test_the_digest_is_of_what_is_shown(sqlite_office: Any, words: dict[str, str]) -> None:
    from ellwand.office.pages import publishing, writing

    wen = sqlite_office.user("wen")
    edition = publishing.publish(writing.start("news", words, wen), wen)
    assert edition.digest == publishing.digest(edition) and edition.at <= datetime.now(UTC)
    edition.draft.body_zh += "。"
    assert edition.digest != publishing.digest(edition)
