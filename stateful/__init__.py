"""The engines, and what they stand on: targets in processes of their own."""
