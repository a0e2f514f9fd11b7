"""Messages to buyers and to the merchant's people, in the channel that each has chosen."""
