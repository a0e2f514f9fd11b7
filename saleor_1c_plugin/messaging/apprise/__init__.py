"""Chats of the store's own people, by the library Apprise: Slack, Mattermost, Rocket.Chat, Teams…

One library speaks to them all. It says little of what became of a message, so that a buyer is
never written to by it; for staff that is enough: what was not answered is said again, and is
perhaps read twice rather than never.
"""

NAME = "apprise"
