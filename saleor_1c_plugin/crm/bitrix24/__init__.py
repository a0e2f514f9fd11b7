"""Bitrix24, by an incoming webhook of its REST API.

Its own library (b24pysdk) is not used: it has no type marker, sleeps and tries again by itself in
the worker's thread, and keeps no pace between processes; here the outbox tries again, and all
workers keep one pace.
"""
