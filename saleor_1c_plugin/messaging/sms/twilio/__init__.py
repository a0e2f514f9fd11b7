"""Twilio's Programmable Messaging, by its REST API of 2010-04-01.

It knows no ids of ours. A message whose answer was lost is looked for among the last ones to its
number, by its words; these are known to the cache for an hour, as a digest. What the cache has
forgotten nobody can look for, and it is not sent again.
"""
