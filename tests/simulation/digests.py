"""What a program prints in processes of its own, whatever the order of their sets."""

import os
import subprocess
import sys


def digests(code: str) -> set[str]:
    """Run a program under two hash seeds and return what it printed."""
    return {
        subprocess.run(
            [sys.executable, "-c", code],
            env={**os.environ, "PYTHONHASHSEED": hash_seed},
            check=True,
            capture_output=True,
            text=True,
        ).stdout.strip()
        for hash_seed in ("1", "2")
    }
