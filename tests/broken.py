"""A module whose import raises."""

1 / 0
