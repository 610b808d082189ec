"""What one module has defined in one process, and what was assigned to that since."""
