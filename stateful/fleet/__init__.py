"""Fleets: units of work performed on many machines, which come and go, by dask.distributed."""
