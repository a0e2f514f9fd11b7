"""Whether the day agrees: receipts beside payments and 1C, and what they come to."""
