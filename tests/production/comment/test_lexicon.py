"""Finding names in a text: the first, then the longest, as a pattern of all names would."""

import random
import re

import pytest

from ellwand.production.comment.lexicon import NameFinder


def by_pattern(names: list[str], text: str, at: int, *, words: bool) -> tuple[int, int, str] | None:
    """The same by one pattern of all names, tried from the longest on."""
    inside = "|".join(re.escape(name) for name in sorted(names, key=len, reverse=True))
    pattern = re.compile(rf"(?<!\w)(?:{inside})(?!\w)" if words else f"(?:{inside})", re.IGNORECASE)
    found = pattern.search(text, at)
    return (found.start(), found.end(), found.group().lower()) if found else None


@pytest.mark.parametrize("seed", range(40))
def test_finds_what_a_pattern_of_all_names_finds(seed: int) -> None:
    """Names that begin alike, that hold each other, of one character, at every place of a text."""
    chance = random.Random(seed)
    words = seed % 2 == 0
    letters = "ab 7-" if words else "棉布纱a"
    names = list({"".join(chance.choices(letters, k=chance.randint(1, 5))).strip() for _ in range(12)} - {""})
    text = "".join(chance.choices(letters + letters.upper() + " ，.", k=200))
    finder = NameFinder(names, words=words)
    for at in range(len(text) + 1):
        assert finder.search(text, at) == by_pattern(names, text, at, words=words)


def test_a_name_ends_where_a_word_does() -> None:
    """In English, cotton is not found in cottons; in Chinese, words have no ends."""
    finder = NameFinder(["cotton", "cotton yarn"], words=True)
    assert finder.search("Cottons, cotton yarns and cotton yarn") == (9, 15, "cotton")
    assert finder.search("Cottons, cotton yarns and cotton yarn", 15) == (26, 37, "cotton yarn")
    assert finder.search("Cottons and precotton") is None
    assert NameFinder(["棉布"], words=False).search("纯棉布料") == (1, 3, "棉布")


def test_letters_whose_lower_case_is_longer_keep_their_place() -> None:
    """The small letter of İ is two characters; the places of what follows must stand."""
    assert NameFinder(["wool"], words=True).search("İİ Wool") == (3, 7, "wool")
    assert NameFinder([], words=True).search("wool") is None
