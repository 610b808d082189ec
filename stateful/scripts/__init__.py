"""Scripts: traces as ordinary Python that imports nothing but the implementation."""
