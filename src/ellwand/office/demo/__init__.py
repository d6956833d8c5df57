"""A running office on a simulated market: two years of releases, and one open round that waits for its user."""
