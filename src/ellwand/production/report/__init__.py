"""The public report of one compilation: a single HTML file in Chinese and English."""

from ellwand.production.report.page import render, write_report
from ellwand.production.report.view import Background

__all__ = ["Background", "render", "write_report"]
