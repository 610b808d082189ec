"""What `init` writes into a repository, and how it looks at what is there."""
