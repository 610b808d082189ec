"""What `check` does besides judging: list what it would judge, and judge again on a change."""
