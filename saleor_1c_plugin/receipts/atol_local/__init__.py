"""Registers of ATOL's that stand at the merchant's, by its web server for them.

The server ("АТОЛ. Web Requests"; the older "Веб-сервер ККТ" of driver 10) takes JSON tasks of the
register's driver at ``/api/v2/requests`` and works at them one after another. Its rules, and those
of the tasks, are as these public sources have them: the driver's own scripts for JSON tasks
(version 10, "myscripts_*"), and a server that was compared with Web Requests 1.0.4.0 call by call.
"""
