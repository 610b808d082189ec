"""Units of work that a pool performs, as a check and a campaign see them."""
