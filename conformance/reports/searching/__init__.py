"""What a search tells: a campaign, an exploration, the graph of its states."""
