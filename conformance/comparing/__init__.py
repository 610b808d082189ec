"""Comparing: several implementations side by side, without a judge."""
