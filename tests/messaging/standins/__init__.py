"""Services that send messages, as their documentation has them, on loopback."""
