"""amoCRM, abroad Kommo, by version 4 of its REST API.

None of the libraries for it is used: its own one is for PHP, those for Python are not kept up, and
none keeps one pace between processes or has its tokens survive a worker that dies.
"""
