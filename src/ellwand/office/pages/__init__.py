"""News and free pages of the public site: drafts, pictures, and what was published of them, for good.

Every save is a new draft, and publishing makes an edition that points at one: the public page of any day can be shown
again, and no change goes without a trace. No figure of an index lives here; those come from releases only.
"""
