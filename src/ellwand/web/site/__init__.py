"""The public site: Chinese at the root, English under /en/, the same paths and the same content at the same minute."""
