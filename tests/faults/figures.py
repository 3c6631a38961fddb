"""Memory of a process."""

from __future__ import annotations

from pathlib import Path


def resident(pid: int) -> int:
    """Resident memory now, in bytes.

    Raises:
        RuntimeError: The system does not tell; this needs Linux.
    """
    for line in Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines():
        if line.startswith("VmRSS:"):
            return 1024 * int(line.split()[1])
    raise RuntimeError(f"process {pid} has no VmRSS")
