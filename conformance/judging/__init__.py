"""Judging: checks are performed, results become verdicts, verdicts meet the baseline."""
