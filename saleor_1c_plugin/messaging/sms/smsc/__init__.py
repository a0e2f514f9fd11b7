"""SMSC.ru, by its HTTP API.

A message has the id that we give it, so that one whose answer was lost can be asked for. Asking for
what is not there too often has the address blocked: it is done only where there is doubt.
"""
