"""Rounds: the production run of one family for one period, from plan to compiled figures."""
