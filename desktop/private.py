"""What every program of ours does first, so that nothing of the records gets out by the way."""

import os
import sys


def keep_private() -> None:
    """Let new files be readable by their owner alone, and put no memory into a file when the program crashes."""
    os.umask(0o077)
    if sys.platform != "win32":
        import resource  # not there on Windows

        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
