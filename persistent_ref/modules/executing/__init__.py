"""A source is executed, and what was defined before becomes what it says now."""
