"""What a target answers release by release, or commit by commit: when something came, and went."""
