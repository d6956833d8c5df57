"""The digest of a file is that of what it says, not of how it is written."""

import hashlib

import pytest

from ellwand.production.schema import SchemaError, digest


def test_it_is_the_sha256_of_the_sorted_json() -> None:
    text = "b = 0.1 # c\na = [1, true, '布']\n[c]\nd = 2026-01-05\ne = nan\n"
    content = '{"a":[1,true,"\\u5e03"],"b":0.1,"c":{"d":2026-01-05,"e":nan}}'
    assert digest(text) == hashlib.sha256(content.encode()).hexdigest()
    assert digest("") == hashlib.sha256(b"{}").hexdigest()


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("a = 1", "# c\n  'a'=1 # d\n\n"),
        ("a = 1\nb = 2", "b = 2\r\na = 1\r\n"),
        ("a = 'x'", 'a = "\\u0078"'),
        ("a.b = 1", "[a]\nb = 1"),
        ("a = [{b = 1}]", "[[a]]\nb = 1"),
        ("a = 1000", "a = 1_000"),
        ("a = 0.1", "a = 1e-1"),
        ("a = 16", "a = 0x10"),
        ("a = 1", "\ufeffa = 1"),
    ],
)
def test_layout_does_not_change_it(one: str, other: str) -> None:
    assert digest(one) == digest(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("a = 1", "a = 2"),
        ("a = 1", "a = 1.0"),
        ("a = 1", "a = '1'"),
        ("a = true", "a = 'true'"),
        ("a = 0.1", "a = 0.10000000000000002"),
        ("a = [1, 2]", "a = [2, 1]"),
        ("a = 2026-01-05", "a = '2026-01-05'"),
        ("a = nan", "a = 'nan'"),
        ("a = 1", "b = 1"),
        ("a = {}", "a = []"),
        ("a.b = 1", "'a.b' = 1"),
        ("", "a = {}"),
    ],
)
def test_content_changes_it(one: str, other: str) -> None:
    assert digest(one) != digest(other)


def test_what_is_no_toml_has_none() -> None:
    with pytest.raises(SchemaError, match=r"method file:2:5: no valid TOML: invalid value"):
        digest("a = 1\nb = x")
