"""Saleor's web server as a shop under load has it: ``python -m tests.saleor.web PORT PROCESSES``.

A process of Saleor's answers one request at a time, so that what buyers do at once meets in the
database only where there are several. They are forked when Saleor is loaded: that takes no longer
than one.
"""

import os
import socket
import sys

import uvicorn
from django.db import connections
from saleor.asgi import application


def serve(port: int, processes: int) -> None:
    """Answer at a port of the loopback until this process is killed with its whole group."""
    connections.close_all()
    # Each has a socket of its own: on a common one, whoever wakes up first takes all that wait.
    sockets = [_listening(port) for _ in range(processes)]
    for own in sockets:
        if not os.fork():
            config = uvicorn.Config(application, lifespan="off")
            uvicorn.Server(config).run(sockets=[own])
            os._exit(0)
    for own in sockets:
        own.close()
    os.wait()


def _listening(port: int) -> socket.socket:
    made = socket.socket()
    made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    made.bind(("127.0.0.1", port))
    made.listen(1024)
    return made


if __name__ == "__main__":
    serve(int(sys.argv[1]), int(sys.argv[2]))
