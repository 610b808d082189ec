"""The clauses and their checks: one file for each area of the specification."""
