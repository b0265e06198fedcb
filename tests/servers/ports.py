"""Free ports on this machine."""

import socket


def free_port() -> int:
    """A loopback port that nobody used a moment ago.

    Somebody may take it before the server does; who starts one tries again with another.
    """
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        port: int = server.getsockname()[1]
        return port
