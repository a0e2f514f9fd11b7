"""Bitrix24 as a corporate portal: notifications and tasks for whoever is in charge.

A notification has a tag of ours, and one that comes again with it takes the place of the first. A
task has an id of ours, by which it is looked for before it is made. So what was not answered is
simply told again.
"""

NAME = "portal"
