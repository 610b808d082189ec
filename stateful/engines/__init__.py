"""Engines: the explorer, the walker, and campaigns of several."""
