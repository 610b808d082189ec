"""Traces: steps and lists of them, as data."""
