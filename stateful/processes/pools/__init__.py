"""Pools, which perform units of work: what all of them are, and do the same way."""
