"""SMS.ru, by its HTTP API.

It gives a message an id of its own, and knows none of ours: what became of one whose answer was
lost nobody can say, and it is not sent again. What a message costs is asked before it is sent, for
the answer to it does not tell.
"""
