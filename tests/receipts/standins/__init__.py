"""Cash registers on the loopback: they check what they are told, and misbehave when told to."""
