"""Words of what is no page: texts as they are, in which nothing stands for a sign of HTML."""

from ellwand.office.screens.words import is_chinese


def said(zh: str, en: str, **values: object) -> str:
    """The text of the language in use; {name} stands for a value, which is written as it is."""
    text = zh if is_chinese() else en
    return text.format(**values) if values else text
