"""Attacks that read what is not theirs, and show it or send it away."""

from __future__ import annotations

from tests.attacks.attack import CALL, GAINED, LANDLOCK, LOOT, PROCESS, SECCOMP, Attack, module

READ = "quietly(lambda: show({}))"


def _reading(expression: str, stopped_by: str = LANDLOCK, prelude: str = "", wanted: str = "CANARY") -> Attack:
    return Attack("stealing", module(f"{prelude}\n{READ.format(expression)}"), LOOT, stopped_by, wanted)


def _showing(prelude: str, stopped_by: str, effect: str = LOOT, wanted: str = "CANARY") -> Attack:
    return Attack("stealing", module(prelude), effect, stopped_by, wanted)


SOLUTION_TEXT = "BEGIN SOLUTION"
SOLUTION_SHOWN = "'BEG' 'IN SOLU' 'TION'"

STEALING = {
    "a file by open": _reading("open('SECRET').read()"),
    "a file by its descriptor": _reading("os.read(os.open('SECRET', os.O_RDONLY), 100)"),
    "a file by the root of /proc": _reading("open('/proc/self/root/SECRET').read()"),
    "a file by a relative path": _reading("open('../' * 20 + 'SECRET').read()"),
    "a file by a folder's descriptor": _reading(
        "os.read(os.open('secret', os.O_RDONLY, dir_fd=os.open('FOLDER', os.O_RDONLY)), 100)"
    ),
    "a file by NumPy": _reading("load('numpy').fromfile('SECRET', dtype='uint8').tobytes()"),
    "a file by torch": _reading("bytes(torch.from_file('SECRET', size=23, dtype=torch.uint8).tolist())"),
    "a file by a memory map": _reading("load('mmap').mmap(os.open('SECRET', os.O_RDONLY), 0, prot=1).read()"),
    "a file by linecache": _reading("load('linecache').getlines('SECRET')"),
    "a file by io.open_code": _reading("load('io').open_code('SECRET').read()"),
    "a gradebook by sqlite": _reading(
        "load('sqlite3').connect('file:FOLDER/book.db?mode=ro&immutable=1', uri=True)"
        ".execute('select * from grade').fetchall()"
    ),
    "a classmate's submission": _reading("open('FOLDER/submissions/bob/p1_mlp/softmax_cross_entropy.py').read()"),
    "names in a folder": _reading("os.listdir('FOLDER/names')"),
    "names in a tree": _reading("list(os.walk('FOLDER/names'))"),
    "names by glob": _reading("load('glob').glob('FOLDER/names/*')"),
    "names in shared memory": _reading("os.listdir('/dev/shm')"),
    "the solution's text": _showing(
        f"quietly(lambda: show(open('SOLUTION').read(), {SOLUTION_SHOWN}))", LANDLOCK, wanted=SOLUTION_TEXT
    ),
    "the solution by an import": _showing(
        "def taken():\n    sys.path.insert(0, 'PROJECT/solutions/p1_mlp')\n"
        "    found = load('softmax_cross_entropy')\n"
        "    if found.__file__ == 'SOLUTION': gained()\nquietly(taken)",
        LANDLOCK,
        wanted=GAINED,
    ),
    "the solution by exec": _showing(
        "names = {}\nquietly(lambda: exec(open('SOLUTION').read(), names))\n'softmax' in names and gained()",
        LANDLOCK,
        wanted=GAINED,
    ),
    "the grader's text": _showing(
        "quietly(lambda: show(open('PROJECT/autograder/graders/p1_mlp/test_softmax_cross_entropy.py').read(), '@che' 'ck('))",
        LANDLOCK,
        wanted="@check(",
    ),
    "the grader by an import": _showing(
        "def taken():\n    sys.path.insert(0, 'PROJECT')\n"
        "    load('autograder.graders.p1_mlp.test_softmax_cross_entropy')\n    gained()\nquietly(taken)",
        LANDLOCK,
        wanted=GAINED,
    ),
    "the mistakes' fingerprints": _showing(
        "quietly(lambda: os.listdir('PROJECT/autograder/diagnosis/fingerprints') and gained())", LANDLOCK, wanted=GAINED
    ),
    "the environment": _reading("dict(os.environ)", PROCESS),
    "the environment by /proc": _reading("open('/proc/self/environ', 'rb').read()", PROCESS),
    "the parent's environment": _reading("open(f'/proc/{os.getppid()}/environ', 'rb').read()"),
    "another process's command line": _reading("open('/proc/VICTIM/cmdline', 'rb').read()"),
    "another process's environment": _reading("open('/proc/VICTIM/environ', 'rb').read()"),
    "another process's memory": _showing(
        "def taken():\n"
        "    for line in open('/proc/VICTIM/maps'):\n"
        "        if '[stack]' in line:\n"
        "            low, high = (int(part, 16) for part in line.split()[0].split('-'))\n"
        "            memory = open('/proc/VICTIM/mem', 'rb', 0); memory.seek(low)\n"
        "            show(memory.read(high - low))\nquietly(taken)",
        LANDLOCK,
    ),
    "all command lines": _showing(
        "def taken():\n    for number in os.listdir('/proc'):\n"
        "        if number.isdigit(): quietly(lambda: show(open(f'/proc/{number}/cmdline', 'rb').read()))\nquietly(taken)",
        LANDLOCK,
    ),
    "the names of users": _showing(
        "quietly(lambda: 'ro' 'ot:' in open('/etc/passwd').read() and gained())", LANDLOCK, wanted=GAINED
    ),
    "connections of the machine": _showing(
        "quietly(lambda: 'local_' in open('/proc/net/tcp').read() and gained())", LANDLOCK, wanted=GAINED
    ),
    "descriptors that are open": _showing(
        "for number in range(3, 256):\n    quietly(lambda: show(os.pread(number, 100, 0)))", PROCESS
    ),
    "secrets among all objects": _showing(
        "for found in gc.get_objects():\n"
        "    if type(found) is dict and 'the_secret' in found: quietly(show, found['the_secret'])",
        PROCESS,
    ),
    "secrets in the frames": _showing(
        "frame = sys._getframe()\nwhile frame is not None:\n"
        "    quietly(show, frame.f_locals.get('kept_secret', '')); frame = frame.f_back",
        PROCESS,
    ),
    "a connection": _showing(
        "quietly(lambda: load('socket').create_connection(('127.0.0.1', PORT), 1).send(b'hello'))", SECCOMP, CALL
    ),
    "a connection by urllib": _showing(
        "quietly(lambda: load('urllib.request').urlopen('http://127.0.0.1:PORT/', timeout=0.2))", SECCOMP, CALL
    ),
    "a server": _showing(
        "def serve():\n    with load('socket').socket() as server:\n"
        "        server.bind(('127.0.0.1', 0)); server.listen(); gained()\nquietly(serve)",
        SECCOMP,
        wanted=GAINED,
    ),
}  # fmt: skip
