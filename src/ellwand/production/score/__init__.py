"""Scores of a compilation on a simulated market, whose truth is known: editing, indices, imputation, intervals."""

from ellwand.production.score.scores import Score, Target, score_folder
from ellwand.production.score.text import as_json, as_text

__all__ = ["Score", "Target", "as_json", "as_text", "score_folder"]
