"""Baselines: exactly what an implementation is known to fail, each with a reason.

A baseline is strict in both directions: what it does not list is new, an entry that does not hold
any more is stale. What it lists is what was seen: the same check, or the same signature, with
something else to be seen is news.
"""
