"""A Telegram bot, by the Bot API.

Its calls have no keys by which one that is repeated would be the same call, and it does not tell of
what a bot has sent: a message whose answer was lost may have been read, and is not sent again.
"""

NAME = "telegram"
