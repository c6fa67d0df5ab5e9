"""Free TCP ports of this machine for programs that keep theirs while they restart."""

import random
import socket

LOWEST = 10_000
HIGHEST = 32_000  # Excluded. Where the kernel's own choice begins further down, it says so itself.


def end_of_range():
    """Ports from here on the kernel hands out to any connection, also to one that is made while a server restarts."""
    try:
        with open("/proc/sys/net/ipv4/ip_local_port_range", encoding="ascii") as file:
            first = int(file.read().split()[0])
    except OSError:
        return HIGHEST
    return min(first, HIGHEST) if first > 2 * LOWEST else HIGHEST


def is_free(port):
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # As servers do.
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def free_ports(count):
    """Different ports that nobody listens on, chosen at random so that programs side by side get different ones."""
    ports = set()
    while len(ports) < count:
        port = random.SystemRandom().randrange(LOWEST, end_of_range())
        if is_free(port):
            ports.add(port)
    return list(ports)
