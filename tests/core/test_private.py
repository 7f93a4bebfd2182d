"""What every program does first."""

import subprocess
import sys

LOOK = """
import os, resource, sys
from desktop.private import keep_private
keep_private()
print(oct(os.umask(0)), *resource.getrlimit(resource.RLIMIT_CORE))
"""


def test_files_are_the_owners_and_memory_goes_into_none():
    told = subprocess.run([sys.executable, "-c", LOOK], capture_output=True, text=True, check=True).stdout
    assert told.split() == ["0o77", "0", "0"]
