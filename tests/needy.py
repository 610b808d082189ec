"""A module whose import needs what is not there."""

