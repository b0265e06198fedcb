"""Free ports on this machine."""

import socket


def free_port() -> int:
    """A loopback port that was free a moment ago.

    Another process may take it before the server does; then try again with another port.
    """
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        port: int = server.getsockname()[1]
        return port
