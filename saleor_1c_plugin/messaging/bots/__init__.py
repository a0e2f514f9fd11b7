"""What bots of all messengers do alike: who a chat belongs to, and what is answered there.

A messenger says who is writing by an id of its own. Whose account that is, it can't say: the buyer
shows it by a code that the shop has made for him where he is known (:mod:`.codes`).
"""
