"""Articles, their drafts and pictures, and the editions that the public saw. All rows are only ever added."""

from django.db import models

from ellwand.office.accounts.models import User
from ellwand.office.append_only import AppendOnly

NEWS, MARKET, KNOWLEDGE, ABOUT = "news", "market-news", "knowledge", "about"
SECTIONS = {
    NEWS: ("新闻与公告", "News and notices"),
    MARKET: ("市场动态", "Market news"),
    KNOWLEDGE: ("指数知识", "Index knowledge"),
    ABOUT: ("关于我们", "About us"),
}
"""Where an article stands: the first part of its address, and words."""

DATED = (NEWS, MARKET)
"""Sections of news: an article has a day, and may be out in one language with a marked notice in the other."""

LANGUAGES = ("zh", "en")


class Article(AppendOnly):
    """An article, whatever its drafts say. section : where it stands; it stays there."""

    section = models.CharField(max_length=20)
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    at = models.DateTimeField()


class Picture(AppendOnly):
    """A picture as the office keeps it: re-encoded, without what cameras write into files. data : JPEG."""

    sha256 = models.CharField(max_length=64, unique=True)
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    data = models.BinaryField()
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    @property
    def name(self) -> str:
        """Of the file: its content says it."""
        return f"{self.sha256[:24]}.jpg"

    @property
    def small(self) -> str:
        """Of the small file."""
        return f"{self.sha256[:24]}-small.jpg"


class Draft(AppendOnly):
    """An article as somebody saved it, in both languages.

    slug : last part of the address. day : of news. body : with the marks of `marks.py`. alt : what the picture shows.
    source : who said it first, for news that others wrote. note : why it was changed.
    """

    article = models.ForeignKey(Article, models.PROTECT, related_name="drafts")
    number = models.PositiveIntegerField()
    slug = models.CharField(max_length=80)
    day = models.DateField(null=True)
    title_zh = models.CharField(max_length=200, blank=True)
    title_en = models.CharField(max_length=200, blank=True)
    lead_zh = models.CharField(max_length=600, blank=True)
    lead_en = models.CharField(max_length=600, blank=True)
    body_zh = models.TextField(blank=True)
    body_en = models.TextField(blank=True)
    picture = models.ForeignKey(Picture, models.PROTECT, null=True, related_name="+")
    alt_zh = models.CharField(max_length=300, blank=True)
    alt_en = models.CharField(max_length=300, blank=True)
    source = models.CharField(max_length=200, blank=True)
    source_url = models.CharField(max_length=300, blank=True)
    note = models.TextField(blank=True)
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta(AppendOnly.Meta):
        # Two writers who save at once can't both succeed.
        constraints = [models.UniqueConstraint(fields=["article", "number"], name="article_draft_number")]  # noqa: RUF012

    def has(self, language: str) -> bool:
        """Whether there is a text in a language."""
        return bool(getattr(self, f"title_{language}"))

    def title(self, language: str) -> str:
        """The title in a language, or in the other one."""
        return str(getattr(self, f"title_{language}") or self.title_zh or self.title_en or self.slug)


class Edition(AppendOnly):
    """What the public saw of an article from an instant on: a draft, or nothing (withdrawn); the last one counts.

    simulated : whether the market was a simulated one then. digest : SHA-256 of the canonical content, which is in the
    audit trail too.
    """

    article = models.ForeignKey(Article, models.PROTECT, related_name="editions")
    draft = models.ForeignKey(Draft, models.PROTECT, related_name="editions")
    number = models.PositiveIntegerField()
    simulated = models.BooleanField()
    withdrawn = models.BooleanField(default=False)
    reason = models.TextField(blank=True)
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    at = models.DateTimeField(db_index=True)
    digest = models.CharField(max_length=64)

    class Meta(AppendOnly.Meta):
        constraints = [models.UniqueConstraint(fields=["article", "number"], name="edition_number")]  # noqa: RUF012

    @property
    def address(self) -> str:
        """Below the root of a language."""
        return f"{self.article.section}/{self.draft.slug}/"
