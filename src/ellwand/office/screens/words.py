"""Words of the screens: each text stands once, in Chinese and in English side by side, so that none can be missing."""

from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language


def is_chinese() -> bool:
    """Whether the screen is in Chinese now."""
    return not (get_language() or "").startswith("en")


def say(zh: str, en: str, **values: Any) -> SafeString:
    """The text of the language in use; {name} stands for a value, which is escaped."""
    return format_html(zh if is_chinese() else en, **values) if values else SafeString(zh if is_chinese() else en)


def name_of(row: Any) -> str:
    """The name of a class, item, unit, source or market in the language in use; its code where it has no name."""

    def of(key: str) -> str:
        return str((row.get(key) if isinstance(row, dict) else getattr(row, key, "")) or "")

    first, second = ("name_zh", "name_en") if is_chinese() else ("name_en", "name_zh")
    return of(first) or of(second) or of("code")


def instant(at: datetime | None) -> str:
    """An instant in the zone of the market, with its offset."""
    if at is None:
        return "–"
    local = timezone.localtime(at)
    offset = local.strftime("%z")
    day = f"{local.year}年{local.month}月{local.day}日" if is_chinese() else local.strftime("%Y-%m-%d")
    return f"{day} {local:%H:%M} UTC{offset[:3]}:{offset[3:]}"
