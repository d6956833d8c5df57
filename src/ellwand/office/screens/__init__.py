"""The screens of the office: one file a screen, and what they share."""
