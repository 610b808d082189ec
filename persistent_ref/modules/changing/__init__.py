"""Changes of sources: planned and tried, stored in records, followed in every process."""
