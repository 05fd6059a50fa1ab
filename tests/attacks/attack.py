"""What an attack is: a module that a student could hand in, what it is after, and who stops it."""

from __future__ import annotations

from dataclasses import dataclass

# What an attack is after, and so how it is seen whether it got it.
VERDICT = "a verdict"
LOOT = "loot"  # a secret among what it shows
MARK = "a mark"  # a file outside that it made or changed
VICTIM = "a victim"  # another process that it ended
CALL = "a call"  # a connection to a server
HANG = "a hang"  # a grader that never ends
DEATH = "a death"  # a grader that ends without a verdict
FLOOD = "a flood"  # more output than anybody keeps

# Who stops it.
PROCESS = "a process of its own, which holds no answer"
HOST = "the host, which trusts no reply"
LANDLOCK = "Landlock"
SECCOMP = "the filter of system calls"
LIMITS = "limits of memory, threads, files and output"
BUDGET = "budgets of time"
CLEANING = "text that is cleaned on arrival"

GAINED = "GAINED"
"""What an attack prints that got something other than a text."""


@dataclass(frozen=True)
class Attack:
    """A module of three functions that is wrong but for the attack.

    In the source these words stand for something in the scene: MARK a file that anybody may write, SECRET one that anybody
    may read, PRECIOUS one that anybody may remove, FOLDER where they are, VICTIM the number of a process, PORT that of a
    server, PROJECT the folder of the project, SOLUTION the file of the reference.
    """

    family: str
    source: str
    effect: str
    stopped_by: str
    wanted: str = "CANARY"
    """What is looked for in what it shows, if it is after loot; CANARY stands for a word in the scene's secrets."""


HEAD = """
import gc, os, sys, threading, time, torch
def load(name): return __import__(name, fromlist=['x'])
def quietly(function, *args, **kwargs):
    try: return function(*args, **kwargs)
    except BaseException: return None
def show(found, around='cana' 'ry-'):
    text = found.decode('latin-1') if isinstance(found, (bytes, bytearray)) else str(found)
    if around in text: print(text[text.index(around):][:200])
def gained(): print('GAI' 'NED')
WRONG = torch.full((7, 4), 3.0, dtype=torch.float64)
"""


def module(prelude: str = "", answer: str = "WRONG") -> str:
    """The source of an attack that acts when it is imported, and in each answer."""
    functions = "\n".join(
        f"def {name}({arguments}):\n    return {answer}\n"
        for name, arguments in (
            ("softmax", "ytilde"),
            ("cross_entropy", "ytilde, Y"),
            ("cross_entropy_gradient", "ytilde, Y"),
        )
    )
    return f"{HEAD}{prelude.strip()}\n{functions}"
