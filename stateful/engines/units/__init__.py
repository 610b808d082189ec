"""Units of work: what each engine does in a process of its own."""
