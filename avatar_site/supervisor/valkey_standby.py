"""Waits for the lock of a running Valkey, then becomes the server: `python -m …valkey_standby LOCK COMMAND…`."""

import fcntl
import os
import sys


def main(lock: str, *command: str) -> None:
    descriptor = os.open(lock, os.O_RDWR | os.O_CREAT, 0o600)
    fcntl.flock(descriptor, fcntl.LOCK_EX)
    os.set_inheritable(descriptor, True)
    os.execv(command[0], command)


if __name__ == "__main__":
    main(*sys.argv[1:])
