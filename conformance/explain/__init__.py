"""Explaining: clauses, operations and divergences in words."""
