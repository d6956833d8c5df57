"""A reader who follows every address of the served site, and keeps what each answered and what it points at."""

import re
import urllib.error
import urllib.request
from collections import defaultdict
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import unquote, urldefrag, urljoin, urlsplit
from xml.etree import ElementTree as ET

AT_ONCE = 2
STEPS = {"a": "href", "area": "href", "form": "action"}
"""Tags that lead a reader on, and where they say it."""
PARTS = {"img": "src", "script": "src", "iframe": "src", "source": "src", "video": "src", "audio": "src", "use": "href",
         "image": "href", "object": "data", "embed": "src", "track": "src", "input": "src"}  # fmt: skip
"""Tags that load something into the page."""
LOADED = {"stylesheet", "icon", "preload", "modulepreload", "manifest", "apple-touch-icon"}
"""Kinds of <link> that load something into the page; the others lead a program on."""


@dataclass
class Told:
    """What a page says: where it leads (steps), what it loads (parts), its anchors, its twins, its own address."""

    steps: list[str] = field(default_factory=list)
    parts: list[str] = field(default_factory=list)
    posts: list[str] = field(default_factory=list)
    anchors: set[str] = field(default_factory=set)
    twins: dict[str, str] = field(default_factory=dict)
    canonical: str = ""
    robots: str = ""
    description: str = ""
    title: str = ""
    lang: str = ""
    described: list[str] = field(default_factory=list)


class Reading(HTMLParser):
    """Reads a page into a `Told`."""

    def __init__(self) -> None:
        super().__init__()
        self.told = Told()
        self._in = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        has = {name: value or "" for name, value in attrs}
        told = self.told
        self._in = tag
        if "id" in has:
            told.anchors.add(has["id"])
        if tag == "a" and "name" in has:
            told.anchors.add(has["name"])
        if tag == "html":
            told.lang = has.get("lang", "")
        if tag == "meta":
            if has.get("name") == "description":
                told.description = has.get("content", "")
            if has.get("name") == "robots":
                told.robots = has.get("content", "")
        if tag == "link":
            self._link(has)
        if tag == "form" and has.get("method", "get").lower() == "post":
            told.posts.append(has.get("action", ""))
        elif tag in STEPS and has.get(STEPS[tag]) is not None:
            told.steps.append(has[STEPS[tag]])
        if tag in PARTS and has.get(PARTS[tag]):
            told.parts.append(has[PARTS[tag]])
        if has.get("srcset"):
            told.parts += [one.split()[0] for one in has["srcset"].split(",")]
        for name in ("aria-labelledby", "aria-describedby", "aria-controls", "for", "list", "headers"):
            told.described += has.get(name, "").split()
        if has.get("data-library"):
            told.parts.append(has["data-library"])

    def _link(self, has: dict[str, str]) -> None:
        kinds = set(has.get("rel", "").split())
        if kinds & LOADED:
            self.told.parts.append(has["href"])
        elif "canonical" in kinds:
            self.told.canonical = has["href"]
        elif "hreflang" in has:
            self.told.twins[has["hreflang"]] = has["href"]
        else:
            self.told.steps.append(has["href"])

    def handle_endtag(self, tag: str) -> None:
        self._in = ""

    def handle_data(self, data: str) -> None:
        if self._in == "title" and not self.told.title:
            self.told.title = data.strip()


@dataclass
class Answer:
    """What an address answered. status : 0 where nothing came. to : where it sent the reader on. told : of HTML.

    is_file : it is to be kept and not to be shown.
    """

    status: int
    kind: str = ""
    body: bytes = b""
    to: str = ""
    told: Told | None = None
    is_file: bool = False


class Stay(urllib.request.HTTPRedirectHandler):
    """A redirect is an answer of its own."""

    def redirect_request(self, *given: object, **more: object) -> None:
        return None


OPEN = urllib.request.build_opener(Stay).open


def fetch(address: str) -> Answer:
    """Ask an address once."""
    try:
        with OPEN(urllib.request.Request(address, headers={"Accept": "text/html,*/*;q=0.8"}), timeout=120) as answer:
            kind, body = answer.headers.get_content_type(), answer.read()
            kept = answer.headers.get("Content-Disposition", "").startswith("attachment")
            made = Answer(answer.status, kind, body, is_file=kept)
    except urllib.error.HTTPError as error:
        made = Answer(error.code, error.headers.get_content_type(), error.read(), error.headers.get("Location", ""))
    if made.kind == "text/html":
        reading = Reading()
        reading.feed(made.body.decode())
        made.told = reading.told
    return made


@dataclass
class Crawl:
    """All of a site. base : its address. answers : of every address without its anchor. origins : who points at it."""

    base: str
    answers: dict[str, Answer] = field(default_factory=dict)
    origins: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    wanted: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    outside: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    listed: list[str] = field(default_factory=list)
    passed_by: set[str] = field(default_factory=set)

    def run(self, passes_by: Callable[[str], bool]) -> "Crawl":
        """Follow everything from both home pages and from the map of the site.

        passes_by : whether an address is one of so many alike that this run leaves it out.
        """
        answer = fetch(f"{self.base}/sitemap.xml")
        self.answers[f"{self.base}/sitemap.xml"] = answer
        self.listed = [str(one.text) for one in ET.fromstring(answer.body).iter() if one.tag.endswith("}loc")]
        waiting = [f"{self.base}/", f"{self.base}/en/", *self.listed]
        with ThreadPoolExecutor(AT_ONCE) as readers:
            while waiting:
                now = [a for a in dict.fromkeys(waiting) if a not in self.answers]
                self.passed_by |= {a for a in now if passes_by(a.removeprefix(self.base))}
                now = [a for a in now if a not in self.passed_by]
                for address, one in zip(now, readers.map(fetch, now), strict=True):
                    self.answers[address] = one
                waiting = [to for a in now for to in self._leads(a)]
        return self

    def _leads(self, address: str) -> Iterable[str]:
        answer = self.answers[address]
        if answer.to:
            yield from self._keep(address, answer.to)
        elif answer.told is not None and answer.status == 200:
            told = answer.told
            for one in (*told.steps, *told.parts, *told.twins.values(), *filter(None, [told.canonical])):
                yield from self._keep(address, one)
        elif answer.kind == "text/css":
            for one in re.findall(r"url\(['\"]?([^)'\"]+)", answer.body.decode()):
                yield from self._keep(address, one)
        elif answer.kind in ("application/atom+xml", "text/markdown", "text/plain"):
            for one in re.findall(rf"{re.escape(self.base)}/[^\s\"'<>)\]]*", answer.body.decode()):
                yield from self._keep(address, one)

    def _keep(self, origin: str, one: str) -> Iterable[str]:
        whole = urljoin(origin, one.strip())
        if urlsplit(whole).scheme not in ("http", "https"):
            return
        bare, anchor = urldefrag(whole)
        if not bare.startswith(f"{self.base}/"):
            self.outside[whole].add(origin)
            return
        self.origins[bare].add(origin)
        if anchor:
            self.wanted[f"{bare}#{unquote(anchor)}"].add(origin)
        yield bare

    @property
    def pages(self) -> dict[str, Told]:
        """What every page says, by address."""
        return {a: one.told for a, one in self.answers.items() if one.told and one.status == 200 and not one.is_file}
