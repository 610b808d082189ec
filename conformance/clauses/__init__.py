"""Clauses: the sentences of the specification, and the checks that test them."""
