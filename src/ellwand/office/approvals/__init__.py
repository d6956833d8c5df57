"""Approvals: previews, the two signatures, the seal and the schedule of a release."""
