"""Whether the broker answers; asked without its client, which takes long to load."""

import socket
from urllib.parse import urlsplit

#: An answer that takes longer is none for whoever looks at the status.
PATIENCE_SECONDS = 1.0
REDIS_PORT = 6379


def answers(url: str) -> bool:
    """Say whether Redis answers PING at the URL, if only by asking for its password.

    Any other broker than Redis is taken to answer.
    """
    parts = urlsplit(url)
    if parts.scheme != "redis" or parts.hostname is None:
        return True
    address = (parts.hostname, parts.port or REDIS_PORT)
    try:
        with socket.create_connection(address, timeout=PATIENCE_SECONDS) as connection:
            connection.sendall(b"PING\r\n")
            return connection.recv(64).startswith((b"+PONG", b"-NOAUTH"))
    except OSError:
        return False
