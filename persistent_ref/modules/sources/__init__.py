"""What is known of a module from its name and its text alone."""
