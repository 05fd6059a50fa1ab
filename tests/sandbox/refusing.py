"""Runs a command on a kernel without some system calls: `python refusing.py CALL[,CALL] COMMAND…`.

A filter answers these calls with ENOSYS, as an older kernel does, or one that was built without Landlock.
"""

from __future__ import annotations

import ctypes
import errno
import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from autograder.sandbox.worker.lockdown import seccomp, syscalls  # the path is set above

NO_NEW_PRIVILEGES = 38


def refuse(names: list[str]) -> None:
    """Takes these system calls away from this process and its children, for good."""
    numbers = syscalls.native().numbers
    code: seccomp.Code = [(seccomp._LOAD, 0, 0, 0)]
    for name in names:
        code += [
            (seccomp._EQUAL, 0, 1, numbers[name]),
            (seccomp._RETURN, 0, 0, seccomp._RET_ERRNO | errno.ENOSYS),
        ]
    code.append((seccomp._RETURN, 0, 0, seccomp._RET_ALLOW))
    instructions = (seccomp._Instruction * len(code))(*(seccomp._Instruction(*fields) for fields in code))
    program = seccomp._Program(len(code), ctypes.addressof(instructions))
    syscalls.call("prctl", NO_NEW_PRIVILEGES, 1, 0, 0, 0)
    syscalls.call("seccomp", seccomp._SET_MODE_FILTER, 0, syscalls.address(program))


if __name__ == "__main__":
    refuse(sys.argv[1].split(","))
    os.execv(sys.argv[2], sys.argv[2:])
