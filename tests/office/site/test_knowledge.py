"""Index knowledge: the method in sentences, made from its file, by version."""

from typing import Any


def test_the_method_in_both_languages(sqlite_office: Any) -> None:
    from ellwand.office.registry.models import MethodVersion

    row = MethodVersion.objects.get()
    en = sqlite_office.client().get("/en/knowledge/").content.decode()
    zh = sqlite_office.client().get("/knowledge/").content.decode()
    assert "geometric mean of price ratios" in en and "几何平均" in zh
    assert row.digest in en and row.digest in zh
    file = sqlite_office.client().get(f"/knowledge/method/{row.digest}.toml")
    assert file.content.decode() == row.text
    assert sqlite_office.client().get(f"/en/knowledge/method/{row.digest}/").status_code == 200
    assert sqlite_office.client().get("/en/knowledge/method/none/").status_code == 404
