"""A module whose import raises."""

RESULT = 1 / 0
