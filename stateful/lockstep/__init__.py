"""Lock-step: two worlds driven through the same steps, what is seen of them, what differs."""
