"""Processes: targets and units of work that may end theirs, and what is told of it."""
