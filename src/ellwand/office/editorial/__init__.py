"""Editorial: the texts of a release, their drafts and the guard that reads them."""
