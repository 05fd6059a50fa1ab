"""The attacks themselves, as functions that raise OSError where they are refused; lockdown_trials.py runs them."""

from __future__ import annotations

import array
import ctypes
import errno
import fcntl
import os
import resource
import signal
import socket
import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from autograder.sandbox.worker import lockdown
from autograder.sandbox.worker.lockdown import syscalls

LIBC = ctypes.CDLL(None, use_errno=True)


@dataclass(frozen=True)
class Scene:
    """The targets: a process, files of the same user, and descriptors opened before the lock-down."""

    parent: int
    group: int
    project: Path
    script: str
    workdir: Path
    victim: Path
    output: int
    folder: int
    pair: tuple[socket.socket, socket.socket]


def libc(name: str, *arguments: object) -> Callable[[], int]:
    """Wraps a call of a C library function as an attempt that raises OSError on failure."""

    def attempt() -> int:
        words = [ctypes.c_long(a) if isinstance(a, int) else a for a in arguments]
        function = getattr(LIBC, name)
        function.restype = ctypes.c_long
        result = int(ctypes.c_int(function(*words)).value)
        if result == -1:
            code = ctypes.get_errno()
            raise OSError(code, os.strerror(code))
        return result

    return attempt


def opening(path: str | os.PathLike[str], flags: int, folder: int | None = None) -> Callable[[], None]:
    return lambda: os.close(os.open(path, flags, 0o600, dir_fd=folder))


def pass_descriptor(scene: Scene) -> None:
    rights = array.array("i", [scene.folder])
    scene.pair[0].sendmsg([b"x"], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, rights)])


def fork() -> None:
    if os.fork() == 0:
        os._exit(0)


def system() -> None:
    status = os.system("true")
    if status != 0:
        raise PermissionError(errno.EPERM, f"status {status}")


def file_attempts(scene: Scene) -> dict[str, Callable[[], object]]:
    path = str(scene.victim)
    old, new = path.encode(), str(scene.workdir / "new").encode()
    folder = str(scene.workdir).encode()
    site = next((p for p in sys.path if p.endswith("-packages")), "/usr/lib")
    made_of = {
        "rename": (old, new),
        "link": (old, new),
        "symlink": (old, new),
        "unlink": (old,),
        "chmod": (old, 0o777),
        "fchmod": (scene.output, 0o777),
        "chown": (old, os.getuid(), os.getgid()),
        "fchown": (scene.output, os.getuid(), os.getgid()),
        "lchown": (old, os.getuid(), os.getgid()),
        "utimensat": (-100, old, None, 0),
        "futimens": (scene.output, None),
        "utime": (old, None),
        "setxattr": (old, b"user.x", b"1", 1, 0),
        "fsetxattr": (scene.output, b"user.x", b"1", 1, 0),
        "removexattr": (old, b"user.x"),
        "truncate": (old, 0),
        "ftruncate": (scene.output, 0),
        "fallocate": (scene.output, 0, 0, 1),
        "mkdir": (new, 0o700),
        "rmdir": (folder,),
        "mknod": (new, 0o100600, 0),
        "mkfifo": (new, 0o600),
        "chdir": (folder,),
        "fchdir": (scene.folder,),
        "chroot": (folder,),
        "flock": (scene.folder, fcntl.LOCK_EX),
        "statfs": (folder, ctypes.create_string_buffer(512)),
    }
    attempts: dict[str, Callable[[], object]] = {name: libc(name, *how) for name, how in made_of.items()}
    readable_module = Path(os.__file__)
    targets: dict[str, tuple[str | os.PathLike[str], int]] = {
        "read the victim": (path, os.O_RDONLY),
        "write the victim": (path, os.O_WRONLY),
        "append to the victim": (path, os.O_RDWR | os.O_APPEND),
        "truncate the victim by opening it read-only": (path, os.O_RDONLY | os.O_TRUNC),
        "truncate the victim by access mode 3": (path, 3 | os.O_TRUNC),
        "truncate the standard library": (readable_module, os.O_RDONLY | os.O_TRUNC),
        "write the standard library": (readable_module, os.O_WRONLY),
        "unnamed file": (scene.workdir, os.O_TMPFILE | os.O_RDWR),
        "list the folder": (scene.workdir, os.O_RDONLY | os.O_DIRECTORY),
        "create beside it": (scene.workdir / "new", os.O_CREAT | os.O_WRONLY),
        "create in /tmp": ("/tmp/lockdown-trial", os.O_CREAT | os.O_WRONLY),
        "create in /dev/shm": ("/dev/shm/lockdown-trial", os.O_CREAT | os.O_RDWR),
        "create in packages": (f"{site}/lockdown_trial.py", os.O_CREAT | os.O_WRONLY),
        "own memory as a file": ("/proc/self/mem", os.O_RDWR),
        "own descriptors again": (f"/proc/self/fd/{scene.output}", os.O_RDWR),
        "memory of the parent": (f"/proc/{scene.parent}/mem", os.O_RDWR),
        "environment of the parent": (f"/proc/{scene.parent}/environ", os.O_RDONLY),
        "/etc/passwd": ("/etc/passwd", os.O_RDONLY),
        "/sys": ("/sys/kernel", os.O_RDONLY),
        "terminal": ("/dev/tty", os.O_RDWR),
        "project itself": (scene.project, os.O_RDONLY),
        "this package": (lockdown.__file__, os.O_RDONLY),
        "this script": (scene.script, os.O_RDONLY),
        "by way of a readable folder": (f"{readable_module.parent}/{'../' * 20}{scene.script[1:]}", os.O_RDONLY),
    }
    attempts |= {name: opening(*target) for name, target in targets.items()}
    attempts["by an open folder"] = opening(scene.victim.name, os.O_RDONLY, scene.folder)
    return attempts


def reach_attempts(scene: Scene) -> dict[str, Callable[[], object]]:
    """Attempts on other processes, new processes, the network, memory past the limit, and rare system calls."""
    me, buffer = os.getpid(), ctypes.create_string_buffer(1024)
    in_out = (scene.parent, buffer, 1, buffer, 1, 0)
    wide_open = ctypes.create_string_buffer(b"\xff" * 16, 16)
    event = (ctypes.c_int * 16)(0, 0, signal.SIGKILL, 4, scene.parent)  # sigevent: SIGEV_THREAD_ID
    made_of: dict[str, tuple[object, ...]] = {
        "process_vm_readv": in_out,
        "process_vm_writev": in_out,
        "ptrace": (16, scene.parent, None, None),
        "pidfd_open": (scene.parent, 0),
        "prlimit": (scene.parent, 7, wide_open, None),
        "setpriority": (0, scene.parent, 19),
        "nice": (5,),
        "getpriority": (0, scene.parent),
        "getpgid": (scene.parent,),
        "getsid": (scene.parent,),
        "setpgid": (0, 0),
        "setsid": (),
        "sched_setscheduler": (scene.parent, 3, buffer),
        "sched_getscheduler": (scene.parent,),
        "sched_setaffinity": (scene.parent, 8, wide_open),
        "sched_getaffinity": (scene.parent, 128, buffer),
        "sigqueue": (scene.parent, 0, None),
        "killpg": (scene.group, 0),
        "timer_create": (1, event, buffer),
        "timerfd_create": (1, 0),
        "signalfd": (-1, wide_open, 0),
        "shmget": (0, 4096, 0o1600),
        "semget": (0, 1, 0o1600),
        "msgget": (0, 0o1600),
        "mq_open": (b"/lockdown-trial", os.O_CREAT | os.O_RDWR, 0o600, None),
        "memfd_create": (b"x", 0),
        "mlockall": (1,),
        "personality": (0x0040000,),
        "quotactl": (0, None, 0, None),
        "unshare": (0x10000000,),
        "setns": (scene.folder, 0),
        "mount": (b"none", b"/mnt", b"tmpfs", 0, None),
        "umount2": (b"/mnt", 0),
        "inotify_init1": (0,),
        "fanotify_init": (0, 0),
        "klogctl": (3, buffer, 10),
        "sethostname": (b"x", 1),
        "setuid": (os.getuid(),),
        "setgid": (os.getgid(),),
        "setgroups": (0, None),
        "umask": (0,),
        "name_to_handle_at": (scene.folder, b".", buffer, buffer, 0),
        "splice": (scene.folder, None, scene.folder, None, 1, 0),
        "pkey_alloc": (0, 0),
        "arch_prctl": (0x1002, 0),  # ARCH_SET_FS
    }
    attempts: dict[str, Callable[[], object]] = {name: libc(name, *how) for name, how in made_of.items()}
    options = {
        "PDEATHSIG": 1,
        "DUMPABLE": 4,
        "KEEPCAPS": 8,
        "SECCOMP": 22,
        "MM": 35,
        "SUBREAPER": 36,
        "PTRACER": 0x59616D61,
    }
    attempts |= {f"prctl {name}": libc("prctl", option, 0, 0, 0, 0) for name, option in options.items()}
    commands = {
        "F_SETOWN": (8, scene.parent),
        "F_SETSIG": (10, 9),
        "F_SETOWN_EX": (15, buffer),
        "F_NOTIFY": (1026, 0x7FFFFFFF),
        "F_SETLEASE": (1024, 0),
        "F_SETLK": (6, buffer),
        "F_OFD_SETLK": (37, buffer),
        "F_SETPIPE_SZ": (1031, 1 << 20),
        "F_ADD_SEALS": (1033, 1),
        "O_ASYNC": (4, os.O_ASYNC),
        "O_ASYNC among others": (4, os.O_ASYNC | os.O_NONBLOCK | os.O_APPEND),
    }
    attempts |= {f"fcntl {name}": libc("fcntl", scene.pair[0].fileno(), *how) for name, how in commands.items()}
    requests = {
        "FIOASYNC": 0x5452,
        "FIOSETOWN": 0x8901,
        "TIOCSTI": 0x5412,
        "FICLONE": 0x40049409,
        "FS_IOC_SETFLAGS": 0x40086602,
    }
    attempts |= {f"ioctl {name}": libc("ioctl", scene.output, request, buffer) for name, request in requests.items()}
    for name, flag in (("user", 0x10000000), ("pid", 0x20000000), ("net", 0x40000000)):
        attempts[f"clone {name}"] = partial(syscalls.call, "clone", flag | signal.SIGCHLD, 0, 0, 0, 0)
        attempts[f"clone {name} thread"] = partial(syscalls.call, "clone", flag | 0x3D0F00, 0, 0, 0, 0)
    more: dict[str, Callable[[], object]] = {
        "fork": fork,
        "vfork": lambda: syscalls.call("clone", 0x4100 | signal.SIGCHLD, 0, 0, 0, 0),
        "clone3": lambda: syscalls.call("clone3", 0, 0),
        "execve": lambda: os.execv("/bin/true", ["true"]),
        "execve of Python": lambda: os.execv(sys.executable, [sys.executable, "-c", ""]),
        "posix_spawn": lambda: os.posix_spawn("/bin/true", ["true"], {}),
        "system": system,
        "kill": lambda: os.kill(scene.parent, signal.SIGKILL),
        "kill 0": lambda: os.kill(scene.parent, 0),
        "kill everyone": lambda: os.kill(-1, 0),
        "kill the group": lambda: os.kill(0, 0),
        "tgkill": lambda: syscalls.call("tgkill", scene.parent, scene.parent, signal.SIGKILL),
        "tgkill out of the process": lambda: syscalls.call("tgkill", me, scene.parent, 0),
        "inet": lambda: socket.socket(socket.AF_INET),
        "inet6 datagram": lambda: socket.socket(socket.AF_INET6, socket.SOCK_DGRAM),
        "unix": lambda: socket.socket(socket.AF_UNIX),
        "netlink": lambda: socket.socket(socket.AF_NETLINK, socket.SOCK_RAW),
        "vsock": lambda: socket.socket(socket.AF_VSOCK),
        "socketpair": socket.socketpair,
        "send": lambda: scene.pair[0].send(b"x"),
        "receive": lambda: scene.pair[0].recv(1, socket.MSG_DONTWAIT),
        "pass a descriptor": partial(pass_descriptor, scene),
        "raise a limit": lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 40, 1 << 40)),
        "set a limit": lambda: resource.setrlimit(resource.RLIMIT_CORE, (0, 0)),
        "limits of the parent": lambda: resource.prlimit(scene.parent, resource.RLIMIT_CPU),
        "clock of the parent": libc("clock_gettime", (~scene.parent << 3) | 2, buffer),
        "clock of the parent by nanosleep": lambda: syscalls.call("clock_nanosleep", (~scene.parent << 3) | 2, 0, 0, 0),
        "where the parent works": lambda: os.readlink(f"/proc/{scene.parent}/cwd"),
        "what the parent has open": lambda: os.readlink(f"/proc/{scene.parent}/fd/0"),
    }
    return attempts | more
