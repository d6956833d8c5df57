"""Alerts: who asked to be told of releases, corrections and thresholds, and telling them by e-mail and webhook."""
