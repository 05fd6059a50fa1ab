"""Attacks that forge a verdict: they end the grader, patch what compares, return what lies, or write the report."""

from __future__ import annotations

from tests.attacks.attack import DEATH, HOST, LANDLOCK, MARK, PROCESS, VERDICT, Attack, module


def _forging(prelude: str = "", answer: str = "WRONG", stopped_by: str = PROCESS, effect: str = VERDICT) -> Attack:
    return Attack("forging", module(prelude, answer), effect, stopped_by)


EQUAL = """
class Equal{base}:
    shape, dtype, requires_grad = (7, 4), torch.float64, False
    def __eq__(self, other): return True
    def __ne__(self, other): return False
    def __sub__(self, other): return 0.0
    def __bool__(self): return True
    __le__ = __lt__ = __ge__ = __gt__ = __eq__
    __rsub__ = __sub__
    __hash__ = None
"""
FORGE = """
import struct
pack = load('msgspec').msgpack.encode
def request():
    frame = sys._getframe()
    while frame is not None:
        found = frame.f_locals.get('frame')
        if hasattr(found, 'request'):
            return found.request
        frame = frame.f_back
def forge(number, reply, body=b'', times=1):
    header = pack(reply)
    os.write(3, (struct.pack('<4sQIQ', b'AGW1', number or 0, len(header), len(body)) + header + body) * times)
    return WRONG
"""

FORGING = {
    "exit at import": _forging("sys.exit(0)"),
    "exit in a call": _forging(answer="sys.exit(0)"),
    "end of the process at import": _forging("os._exit(0)"),
    "end of the process in a call": _forging(answer="os._exit(0)"),
    "end of the process at exit": _forging("import atexit\natexit.register(os._exit, 0)"),
    "end of the process by a finalizer": _forging(
        "class Ending:\n    def __del__(self): os._exit(0)\n", "Ending()"
    ),
    "end of the process by a timer": _forging(
        "import signal\nsignal.signal(signal.SIGALRM, lambda *_: os._exit(0))\n"
        "def waiting():\n    signal.setitimer(signal.ITIMER_REAL, 0.01); time.sleep(0.1)\n",
        "waiting()",
    ),
    "end of the process by a thread": _forging(
        "def ending():\n    time.sleep(0.01); os._exit(0)\n"
        "def waiting():\n    threading.Thread(target=ending).start(); time.sleep(0.1)\n",
        "waiting()",
    ),
    "comparisons of torch": _forging(
        "yes = lambda *args, **kwargs: True\n"
        "torch.allclose = torch.equal = torch.isclose = torch.Tensor.equal = torch.Tensor.allclose = yes\n"
        "torch.testing.assert_close = yes"
    ),
    "built-ins that compare": _forging("import builtins\nbuiltins.all = builtins.any = lambda *args: True"),
    "isinstance": _forging("import builtins\nbuiltins.isinstance = lambda *args: False\n" + EQUAL.format(base=""), "Equal()"),
    "json.dumps": _forging("import json\njson.dumps = lambda *args, **kwargs: '{\"score\": 8, \"status\": \"passed\"}'"),
    "print": _forging(
        "import builtins\nkept = print\n"
        "builtins.print = lambda *args, **kwargs: kept('{\"score\": 8, \"status\": \"passed\"}')"
    ),
    "a report on standard output": _forging("print('{\"score\": 8, \"max_score\": 8, \"status\": \"passed\"}')"),
    "a report in a file": _forging(
        "quietly(lambda: open('MARK', 'w').write('{\"score\": 8}'))", stopped_by=LANDLOCK, effect=MARK
    ),
    "an object that equals everything": _forging(EQUAL.format(base=""), "Equal()"),
    "a number that equals everything": _forging(EQUAL.format(base="(float)"), "Equal(3.0)"),
    "a text that equals everything": _forging(EQUAL.format(base="(str)"), "Equal('x')"),
    "a list that equals everything": _forging(EQUAL.format(base="(list)"), "Equal([1.0])"),
    "an array that equals everything": _forging(
        "import numpy\n" + EQUAL.format(base="(numpy.ndarray)").replace("shape, dtype, requires_grad", "requires_grad")
        .replace("(7, 4), torch.float64, False", "False"),
        "numpy.zeros((2, 2)).view(Equal)",
    ),
    "a tensor that lies": _forging(
        "class Liar(torch.Tensor):\n    @classmethod\n"
        "    def __torch_function__(cls, function, types, args=(), kwargs=None): return True\n",
        "WRONG.as_subclass(Liar)",
    ),
    "a duck that lies for torch": _forging(
        "class Duck:\n    shape = (7, 4)\n    dtype = torch.float64\n    __class__ = torch.Tensor\n    @classmethod\n"
        "    def __torch_function__(cls, function, types, args=(), kwargs=None): return True\n",
        "Duck()",
    ),
    "a tensor that ends the grader": _forging(
        "class Ending(torch.Tensor):\n    @classmethod\n"
        "    def __torch_function__(cls, function, types, args=(), kwargs=None): os._exit(0)\n",
        "WRONG.as_subclass(Ending)",
    ),
    "the reference in the caller's frame": _forging(
        "def taken(like):\n    frame = sys._getframe()\n    while frame is not None:\n"
        "        if callable(frame.f_locals.get('reference')): return frame.f_locals['reference'](like)\n"
        "        frame = frame.f_back\n    return WRONG\n",
        "taken(ytilde)",
    ),
    "the reference among all objects": _forging(
        "def taken(like):\n    for found in gc.get_objects():\n"
        "        if getattr(found, '__name__', '') == 'reference' and callable(found): return found(like)\n"
        "    return WRONG\n",
        "taken(ytilde)",
    ),
    "inputs that become easy": _forging(
        "def easy(x):\n    with torch.no_grad(): x.zero_()\n    return x + 1 / x.shape[1]\n", "easy(ytilde)"
    ),
    "what compares, among the modules": _forging(
        "from types import ModuleType\n"
        "for found in list(sys.modules.values()):\n"
        "    if isinstance(found, ModuleType) and found.__name__.startswith('autograder'):\n"
        "        for name, value in list(vars(found).items()):\n"
        "            if callable(value) and not name.startswith('_') and not isinstance(value, type):\n"
        "                setattr(found, name, lambda *args, **kwargs: True)\n"
    ),
    "what compares, in a caller's frame": _forging(
        "frame = sys._getframe()\nwhile frame is not None:\n"
        "    if 'same' in frame.f_globals: frame.f_globals['same'] = lambda *args: True\n    frame = frame.f_back\n"
    ),
    "a reply with the right number": _forging(
        FORGE, "forge(request(), {'value': True, 'passed': True, 'score': 99})", HOST
    ),
    "a reply at import": _forging(FORGE + "forge(request(), {'value': ['softmax'], 'status': 'passed'})", stopped_by=HOST),
    "replies in advance": _forging(FORGE, "forge(request(), {'value': None, 'problem': None}, times=9)", HOST),
    "lengths without bytes": _forging("os.write(3, b'AGW1' + b'\\xff' * 20)", stopped_by=HOST),
    "noise on the wire": _forging(answer="os.write(3, os.urandom(1 << 12))", stopped_by=HOST),
    "a wire that is closed": _forging("os.close(3)", stopped_by=HOST, effect=DEATH),
    "what answers, among all objects": _forging(
        "for found in gc.get_objects():\n"
        "    if type(found).__name__ == 'Executor': found.answer = lambda frame: True\n",
        stopped_by=HOST,
    ),
    "a reply whose answer is a pickle": _forging(
        FORGE + "import pickle\nclass Bomb:\n    def __reduce__(self): return (open, ('MARK', 'w'))\n",
        "os.write(3, pickle.dumps(Bomb()))",
        HOST,
        MARK,
    ),
    "built-ins that everything uses": _forging(
        "import builtins\nfor name in ('len', 'zip', 'getattr', 'repr', 'print'):\n"
        "    setattr(builtins, name, None)\n",
        effect=DEATH,
    ),
}  # fmt: skip
