"""RetailCRM, by its API v5.

Its own library (retailcrm) is not used: it has no types, no timeouts and no pace, and tells
nothing of what an answer means for another attempt.
"""
