"""YooKassa, by version 3 of its API.

Its own library is not used: it keeps one shop's id and key for the whole process, where each
channel here has its own, and it waits for an answer without a limit.
"""
