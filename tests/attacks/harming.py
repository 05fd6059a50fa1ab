"""Attacks on the machine, on other processes, and on the grader's time and memory."""

from __future__ import annotations

from tests.attacks.attack import (
    BUDGET,
    CLEANING,
    DEATH,
    FLOOD,
    GAINED,
    HANG,
    HOST,
    LANDLOCK,
    LIMITS,
    LOOT,
    MARK,
    PROCESS,
    SECCOMP,
    VICTIM,
    Attack,
    module,
)


def _writing(expression: str, stopped_by: str = LANDLOCK) -> Attack:
    return Attack("harming", module(f"quietly(lambda: {expression})"), MARK, stopped_by)


def _ending(expression: str, stopped_by: str, effect: str, prelude: str = "") -> Attack:
    return Attack("harming", module(prelude, expression), effect, stopped_by)


def _taking(prelude: str, stopped_by: str = LIMITS) -> Attack:
    return Attack("harming", module(prelude), LOOT, stopped_by, GAINED)


HARMING = {
    "a new file": _writing("open('MARK', 'w')"),
    "a new file by its descriptor": _writing("os.open('MARK', os.O_CREAT | os.O_WRONLY)"),
    "a new file by NumPy": _writing("load('numpy').array([1]).tofile('MARK')"),
    "a new file by torch": _writing("torch.save(1, 'MARK')"),
    "a new folder": _writing("os.mkdir('MARK')"),
    "a link": _writing("os.symlink('/', 'MARK')"),
    "a second name for a file": _writing("os.link('PRECIOUS', 'MARK')"),
    "a pipe": _writing("os.mkfifo('MARK')"),
    "another name for a file": _writing("os.rename('PRECIOUS', 'MARK')"),
    "a file that is removed": _writing("os.unlink('PRECIOUS')"),
    "a file that is emptied": _writing("os.truncate('PRECIOUS', 0)"),
    "a file that is written into": _writing("open('PRECIOUS', 'r+b').write(b'x')"),
    "a file of another mode": _writing("os.chmod('PRECIOUS', 0)"),
    "a file in shared memory": _writing("open('/dev/shm/MARKED', 'w')"),
    "a disk that is filled": _writing("open('MARK', 'wb').write(bytes(32 << 20))"),
    "a program": _writing("os.system('touch MARK')", SECCOMP),
    "a program by subprocess": _writing("load('subprocess').run(['/usr/bin/touch', 'MARK'])", SECCOMP),
    "a program by posix_spawn": _writing("os.posix_spawn('/usr/bin/touch', ['touch', 'MARK'], {})", SECCOMP),
    "a program in its place": _writing("os.execv('/usr/bin/touch', ['touch', 'MARK'])", SECCOMP),
    "a fork": _writing("os.fork() == 0 and os._exit(open('MARK', 'w').write('x'))", SECCOMP),
    "a pool of processes": Attack(
        "harming",
        module("def child(): open('MARK', 'w')\n"
               "quietly(lambda: load('multiprocessing').get_context('fork').Process(target=child).start())\n"
               "time.sleep(0.05)"),
        MARK,
        SECCOMP,
    ),
    "forks without end": _taking(
        "made = 0\nfor _ in range(8):\n"
        "    number = quietly(os.fork)\n    if number == 0: os._exit(0)\n    made += number is not None\n"
        "made == 8 and gained()",
        SECCOMP,
    ),
    "the end of another process": _ending("WRONG", SECCOMP, VICTIM, "quietly(os.kill, VICTIM, 9)"),
    "the end of its parent": _ending("WRONG", SECCOMP, VICTIM, "quietly(os.kill, os.getppid(), 9)"),
    "the end of another process by its descriptor": _ending(
        "WRONG", SECCOMP, VICTIM,
        "import signal\nquietly(lambda: signal.pidfd_send_signal(os.pidfd_open(VICTIM), 9))",
    ),
    "memory": _taking("kept = quietly(bytes, 2 << 30)\nkept is not None and gained()"),
    "memory in pieces": _taking(
        "kept = []\nwhile len(kept) < 64:\n    kept.append(quietly(bytes, 64 << 20))\n"
        "    if kept[-1] is None: break\nelse:\n    gained()"
    ),
    "memory of torch": _taking("kept = quietly(torch.empty, 1 << 31, dtype=torch.uint8)\nkept is not None and gained()"),
    "memory that is mapped": _taking("kept = quietly(lambda: load('mmap').mmap(-1, 2 << 30))\nkept is not None and gained()"),
    "memory that is a file": _taking(
        "def taken():\n    os.ftruncate(os.memfd_create('x'), 100 << 20); gained()\nquietly(taken)", SECCOMP
    ),
    "threads": _taking(
        "stop = threading.Event()\nmade = 0\nfor _ in range(120):\n"
        "    thread = threading.Thread(target=stop.wait, daemon=True)\n"
        "    made += quietly(thread.start) is None and thread.ident is not None\n"
        "stop.set()\nmade >= 120 and gained()"
    ),
    "descriptors": _taking(
        "kept = []\nfor _ in range(300):\n    kept.append(quietly(os.open, '/dev/null', os.O_RDONLY))\n"
        "None not in kept and gained()\nfor number in kept: number is not None and os.close(number)"
    ),
    "limits that are raised": _taking(
        "limits = load('resource')\n"
        "def raised():\n    limits.setrlimit(limits.RLIMIT_AS, (-1, -1)); gained()\nquietly(raised)"
    ),
    "an endless loop": _ending("[None for _ in iter(int, 1)]", BUDGET, HANG),
    "an endless loop at import": _ending("WRONG", BUDGET, HANG, "while True: pass"),
    "an endless loop in C": _ending("sum(iter(int, 1))", BUDGET, HANG),
    "an endless loop that ignores signals": _ending(
        "sum(iter(int, 1))", BUDGET, HANG,
        "import signal\nfor number in (signal.SIGXCPU, signal.SIGTERM, signal.SIGINT): signal.signal(number, signal.SIG_IGN)",
    ),
    "an endless loop that catches everything": _ending(
        "caught()", BUDGET, HANG, "def caught():\n    while True:\n        try:\n            while True: pass\n"
        "        except BaseException: pass\n",
    ),
    "a pattern without end": _ending("load('re').match('(a+)+$', 'a' * 64 + 'b')", BUDGET, HANG),
    "a sleep": _ending("time.sleep(1e6)", BUDGET, HANG),
    "a sleep at import": _ending("WRONG", BUDGET, HANG, "time.sleep(1e6)"),
    "a lock": _ending("twice()", BUDGET, HANG, "def twice():\n    lock = threading.Lock(); lock.acquire(); lock.acquire()\n"),
    "a stop": _ending("os.kill(os.getpid(), 19)", BUDGET, HANG),
    "a text without end": _ending(
        "Raising.throw()", BUDGET, HANG,
        "class Raising(Exception):\n    def __str__(self):\n        while True: pass\n    @classmethod\n"
        "    def throw(cls): raise cls()\n",
    ),
    "the end of itself": _ending("os.kill(os.getpid(), 9)", PROCESS, DEATH),
    "an abort": _ending("os.abort()", PROCESS, DEATH),
    "a crash in C": _ending("load('ctypes').string_at(0)", PROCESS, DEATH),
    "a recursion that crashes": _ending(
        "deep()", PROCESS, DEATH,
        "sys.setrecursionlimit(10 ** 9)\nclass Deep:\n    def __getattr__(self, name): return getattr(self, name + 'x')\n"
        "def deep(): return eval('(' * 90 + ')' * 90) if False else Deep().x\n",
    ),
    "descriptors that are closed": _ending("WRONG", PROCESS, DEATH, "os.closerange(0, 256)"),
    "output": _ending(
        "WRONG", LIMITS, FLOOD,
        "for _ in range(40):\n    quietly(print, 'x' * (1 << 19))\n    quietly(os.write, 2, b'\\x1b[2J' * (1 << 16))\n",
    ),
    "an exception with a long text": _ending("long()", CLEANING, FLOOD, "def long(): raise ValueError('x' * (32 << 20))\n"),
    "an answer that is nested deeply": _ending(
        "nested()", HOST, DEATH,
        "def nested():\n    found = []\n    for _ in range(100_000): found = [found]\n    return found\n"
    ),
    "an integer without end": _ending("10 ** 6000", HOST, DEATH),
    "an answer whose text raises": _ending(
        "Mute('x')", HOST, DEATH,
        "class Mute(str):\n    def __str__(self): raise RuntimeError('no')\n    __repr__ = __str__\n"
    ),
    "an answer of a million parts": _ending("[[0.125] * 100] * 10_000", HOST, FLOOD),
    "an answer that is a long text": _ending("'x' * (32 << 20)", HOST, FLOOD),
}  # fmt: skip
