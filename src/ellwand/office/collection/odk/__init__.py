"""Submissions of ODK and KoBo: as they arrive by OpenRosa, as they are exported, and the panel as a form for them."""
