"""A room that sends its messages to the receiver of the tests."""
