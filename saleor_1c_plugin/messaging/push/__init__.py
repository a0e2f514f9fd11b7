"""Notifications in the store's own mobile application, by Firebase Cloud Messaging (HTTP v1).

An application registers its device for the customer who has signed in there (:mod:`.graphql`); a
message goes to all devices of a person's. Firebase knows no keys by which a call that is repeated
would be the same call: so what was sent to which device is written down here, and none gets a
message twice, whatever happens between two calls.
"""

NAME = "push"
