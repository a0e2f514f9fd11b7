"""Messages on Instagram, by Meta's Messenger Platform.

Its calls have no keys by which one that is repeated would be the same call: a message whose answer
was lost may have been read, and is not sent again. An account may speak to those alone who have
written to it, and for a day after they did so last.
"""

NAME = "instagram"
