"""Orders to 1C, and what 1C makes of them back."""
