"""Marks of a text, and the page that they make.

A blank line ends a paragraph. `## ` and `### ` begin a heading, `- ` and `1. ` an entry of a list, `> ` a quotation;
**words** are strong, [words](address) are a link. Everything else stands for itself, so that no text can carry markup,
script or style of its own.
"""

import re
from collections.abc import Iterator
from html import escape
from itertools import groupby
from urllib.parse import urlsplit

HEADING = re.compile(r"(#{2,3})\s+(.*)")
ENTRY = re.compile(r"(?:[-*•]|(\d{1,3})[.、．)])\s+(.*)")
QUOTE = re.compile(r">\s?(.*)")
INLINE = re.compile(r"\*\*(?P<strong>[^*\n]+)\*\*|\[(?P<words>[^\]\n]+)\]\((?P<address>[^()\s]+)\)")
SCHEMES = ("http", "https", "mailto")
WIDE = re.compile(r"[⺀-鿿　-〿＀-￯]")
"""Letters between which a line break is no blank."""


def html(text: str) -> str:
    """The page of a text, from h2, h3, p, ul, ol, li, blockquote, strong and a."""
    return "\n".join(_blocks(text.replace("\r\n", "\n").replace("\r", "\n")))


def plain(text: str) -> str:
    """The words of a text, without its marks, on one line."""
    lines = (re.sub(r"^(#{2,3}|[-*•]|\d{1,3}[.、．)]|>)\s*", "", line.strip()) for line in text.splitlines())
    return " ".join(INLINE.sub(lambda m: m["strong"] or m["words"], " ".join(lines)).split())


def wrong_links(text: str) -> list[str]:
    """Addresses of links that lead nowhere a page may lead."""
    return [m["address"] for m in INLINE.finditer(text) if m["address"] and not link(m["address"])]


def link(address: str) -> str:
    """An address that a link may lead to: of this site (/...), or http, https, mailto; "" for any other."""
    address = address.strip()
    if re.search(r"[\x00-\x20\\]", address):
        return ""
    try:
        parts = urlsplit(address)
    except ValueError:
        return ""
    if parts.scheme:
        whole = bool(parts.netloc) or (parts.scheme == "mailto" and "@" in parts.path)
        return address if parts.scheme in SCHEMES and whole else ""
    # //host would leave the site.
    return address if address.startswith(("/", "#")) and not parts.netloc else ""


def _blocks(text: str) -> Iterator[str]:
    for blank, lines in groupby(text.split("\n"), key=lambda line: not line.strip()):
        if not blank:
            yield from _block([line.strip() for line in lines])


def _block(lines: list[str]) -> Iterator[str]:
    for kind, group in groupby(lines, key=_kind):
        rows = list(group)
        if kind == "heading":
            for row in rows:
                found = HEADING.fullmatch(row)
                assert found is not None
                level = len(found[1])
                yield f"<h{level}>{_inline(found[2])}</h{level}>"
        elif kind in ("ul", "ol"):
            entries = "".join(f"<li>{_inline(m[2])}</li>" for row in rows if (m := ENTRY.fullmatch(row)))
            yield f"<{kind}>{entries}</{kind}>"
        elif kind == "quote":
            words = [m[1] for row in rows if (m := QUOTE.fullmatch(row))]
            yield f"<blockquote><p>{_inline(_joined(words))}</p></blockquote>"
        else:
            yield f"<p>{_inline(_joined(rows))}</p>"


def _kind(line: str) -> str:
    if HEADING.fullmatch(line):
        return "heading"
    if found := ENTRY.fullmatch(line):
        return "ol" if found[1] else "ul"
    return "quote" if QUOTE.fullmatch(line) else "p"


def _joined(lines: list[str]) -> str:
    """Lines of a paragraph as one: a blank between them, but none between Chinese letters."""
    out = ""
    for line in lines:
        tight = not out or not line or (WIDE.match(out[-1]) and WIDE.match(line[0]))
        out += line if tight else f" {line}"
    return out


def _inline(text: str) -> str:
    out, last = [], 0
    for found in INLINE.finditer(text):
        out.append(escape(text[last : found.start()], quote=False))
        last = found.end()
        if found["strong"]:
            out.append(f"<strong>{escape(found['strong'], quote=False)}</strong>")
        elif target := link(found["address"]):
            outside = ' rel="noopener noreferrer"' if target.startswith("http") else ""
            out.append(f'<a href="{escape(target)}"{outside}>{escape(found["words"], quote=False)}</a>')
        else:
            out.append(escape(found[0], quote=False))
    return "".join(out) + escape(text[last:], quote=False)
