"""Texts as pieces that an index of words finds: overlapping pairs of Chinese letters, whole Latin words and codes.

A word of a Chinese text has no blanks around it. Stored as overlapping pairs (服装 装面 面料), any part of it of two
letters or more is a phrase of pairs, and is found as such.
"""

import re
import unicodedata

CHINESE = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003134f"
RUN = re.compile(rf"[{CHINESE}]+|[a-z0-9]+")
LONGEST = 100
"""Letters of a question that are looked at."""


def folded(text: str) -> str:
    """Full-width and half-width, upper and lower case alike, and letters without their accents."""
    plain = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", text).lower())
    return "".join(letter for letter in plain if not unicodedata.combining(letter))


def runs(text: str) -> list[str]:
    """The Chinese and the Latin runs of a text, in its order; everything else divides them."""
    return RUN.findall(folded(text))


def is_chinese(run: str) -> bool:
    """Whether a run is of Chinese letters."""
    return not run[0].isascii()


def pairs(run: str) -> list[str]:
    """The overlapping pairs of a Chinese run; a single letter stands for itself."""
    return [run[k : k + 2] for k in range(len(run) - 1)] or [run]


def pieces(text: str) -> str:
    """A text as the index holds it: pieces with blanks between them."""
    out: list[str] = []
    for run in runs(text):
        out += pairs(run) if is_chinese(run) else [run]
    return " ".join(out)


def pinyin(name: str) -> str:
    """How a Chinese name sounds, from each syllable on, whole and in initials: fuzhuangmianliao, mianliao, ml."""
    import pypinyin

    out: list[str] = []
    for run in runs(name):
        if is_chinese(run):
            said = pypinyin.lazy_pinyin(run)
            for k in range(len(said)):
                out += ["".join(said[k:]), "".join(s[0] for s in said[k:])]
    return " ".join(dict.fromkeys(out))


def question(text: str) -> tuple[str, list[str]]:
    """What a reader asks, as the index understands it, and the single Chinese letters in it.

    All runs must be there: a Chinese one as a phrase of pairs, a Latin one as the beginning of a word. The index finds
    no single Chinese letter; those are looked for in the text itself. ("", []) where nothing can be looked for.
    """
    phrases, single = [], []
    for run in dict.fromkeys(runs(text[:LONGEST])):
        if not is_chinese(run):
            phrases.append(f'"{run}"*')
        elif len(run) == 1:
            single.append(run)
        else:
            phrases.append(f'"{" ".join(pairs(run))}"')
    return " AND ".join(phrases), single
