"""The attacks against the strict engine, as the current user: `python -m tests.attacks.graded DIR NAME...`.

One engine grades each attack, and right after it a right submission. The output is one JSON object that maps an attack's
name to what was seen. NAME selects attacks; without any, all are run.
"""

from __future__ import annotations

import json
import os
import sys
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path

from autograder.grading.engine import Engine
from autograder.grading.settings import Settings
from autograder.results import ExerciseResult
from autograder.sandbox.host import workers
from autograder.sandbox.host.student_module import StudentModule
from tests.attacks.attack import Attack
from tests.attacks.scene import SOLUTION, Scene
from tests.attacks.table import MODULES
from tests.zoo import CPU_SECONDS, SOFTMAX, as_submission

IDLE_SECONDS = 0.5


@dataclass
class Seen:
    """What came of one attack."""

    score: float
    statuses: list[str]
    messages: str
    shown_characters: int
    unprintable: bool
    got_it: bool
    harm: list[str]
    next_is_right: bool
    seconds: float


@dataclass
class Report:
    uid: int
    isolation: str
    reason: str
    seen: dict[str, Seen] = field(default_factory=dict)


def shown(result: ExerciseResult) -> str:
    return "\n".join(f"{check.message}\n{check.printed}\n{check.where}" for check in result.checks)


def try_attack(engine: Engine, scene: Scene, attack: Attack, right: bytes) -> Seen:
    scene.restore()
    started = time.perf_counter()
    result = engine.grade(as_submission(scene.armed(attack)), [SOFTMAX]).exercises[0]
    text = shown(result)
    got_it = scene.happened(attack, text)
    harm = scene.harm()
    after = engine.grade(as_submission(right), [SOFTMAX]).exercises[0]
    return Seen(
        score=result.score,
        statuses=sorted({check.status for check in result.checks}),
        messages=text[:3000],
        shown_characters=len(text),
        unprintable=any(not (c.isprintable() or c in "\n\t") for c in text),
        got_it=got_it,
        harm=harm,
        next_is_right=(after.status, after.score) == ("passed", after.max_score),
        seconds=round(time.perf_counter() - started, 2),
    )


def hurry() -> None:
    """Calls get a fraction of a second, so that an endless loop costs the tests little."""
    begin = StudentModule.begin_check
    StudentModule.begin_check = (  # type: ignore[method-assign]
        lambda self, seed, cpu_seconds: begin(self, seed, CPU_SECONDS)
    )
    workers.IDLE_SECONDS_OF_A_CALL = IDLE_SECONDS


def main(folder: Path, names: list[str]) -> None:
    hurry()
    right = SOLUTION.read_bytes()
    engine = Engine(Settings(seed=1, replay=False))  # naming mistakes would take most of the time
    engine.confirm()
    level, _, reason = engine.isolation
    report = Report(os.getuid(), level, reason)
    scene = Scene(folder)
    try:
        if level == "strict":
            for name in names or MODULES:
                report.seen[name] = try_attack(engine, scene, MODULES[name], right)
    finally:
        scene.close()
        engine.close()
    print(json.dumps(asdict(report)))


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])
