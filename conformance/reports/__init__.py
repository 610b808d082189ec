"""Reports: consumers of results that know nothing of one another."""
