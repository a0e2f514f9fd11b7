"""Text messages to phones: what they weigh, whom they reach, and the services that send them."""
