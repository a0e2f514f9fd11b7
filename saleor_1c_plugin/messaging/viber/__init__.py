"""A Viber bot, by the REST Bot API.

Its calls have no keys by which one that is repeated would be the same call: a message whose answer
was lost may have been read, and is not sent again. A bot may speak to those alone who have written
to it; to somebody who has only opened its chat it says one thing, in the answer to being told so.
"""

NAME = "viber"
