"""The scene of the attacks: files, a process and a server that belong to somebody else, and what an attack did to them."""

from __future__ import annotations

import os
import secrets
import shutil
import socket
import sqlite3
import subprocess
import sys
from contextlib import closing, suppress
from pathlib import Path

from tests.attacks.attack import CALL, FLOOD, LOOT, MARK, VICTIM, Attack

PROJECT = Path(__file__).resolve().parents[2]
SOLUTION = PROJECT / "solutions" / "p1_mlp" / "softmax_cross_entropy.py"
SHARED_MEMORY = Path("/dev/shm")
MANY_BYTES = 4 << 20
SECRET_VARIABLE = "COURSE_SECRET"
"""The variable of the grader's environment that holds the word by which all secrets are known."""


def new_word() -> str:
    return f"canary-{secrets.token_hex(8)}"


class Scene:
    """What the attacks are after, in a new folder. All of it belongs to the current user, whom the grader runs as."""

    def __init__(self, folder: Path) -> None:
        self.word = os.environ[SECRET_VARIABLE]
        self.folder = folder
        self.mark, self.precious, self.secret = folder / "mark", folder / "precious", folder / "secret"
        self._in_memory = SHARED_MEMORY / self.word
        self._marked = SHARED_MEMORY / f"marked-{self.word}"
        self._server = socket.create_server(("127.0.0.1", 0))
        self._server.setblocking(False)
        self._victim: subprocess.Popen[bytes] | None = None
        folder.mkdir(parents=True, exist_ok=True)
        self.secret.write_text(f"{self.word} and more than twenty bytes")
        (folder / "names").mkdir()
        (folder / "names" / self.word).touch()
        classmate = folder / "submissions" / "bob" / "p1_mlp" / "softmax_cross_entropy.py"
        classmate.parent.mkdir(parents=True)
        classmate.write_text(f"# {self.word}")
        with closing(sqlite3.connect(folder / "book.db")) as book:
            book.execute("create table grade (comment)")
            book.execute("insert into grade values (?)", (self.word,))
            book.commit()
        self._in_memory.touch()
        self.restore()

    def restore(self) -> None:
        """Undoes what an attack did."""
        if self.mark.is_dir() and not self.mark.is_symlink():
            shutil.rmtree(self.mark)
        for path in (self.mark, self._marked):
            path.unlink(missing_ok=True)
        self.precious.unlink(missing_ok=True)
        self.precious.write_text("precious")
        self.precious.chmod(0o600)
        with suppress(BlockingIOError):
            while True:
                self._server.accept()[0].close()
        if self._victim is None or self._victim.poll() is not None:
            command = [sys.executable, "-S", "-c", "import time; time.sleep(3600)", self.word]
            self._victim = subprocess.Popen(command, env={"VICTIM": self.word})

    def armed(self, attack: Attack) -> str:
        """The attack's source, with the places of this scene."""
        assert self._victim is not None
        places = {
            "MARKED": self._marked.name, "MARK": self.mark, "SECRET": self.secret, "PRECIOUS": self.precious,
            "FOLDER": self.folder,
            "VICTIM": self._victim.pid, "PORT": self._server.getsockname()[1], "PROJECT": PROJECT, "SOLUTION": SOLUTION,
        }  # fmt: skip
        source = attack.source
        for name, place in places.items():
            source = source.replace(name, str(place))
        return source

    def happened(self, attack: Attack, shown: str | bytes) -> bool:
        """Whether the attack got what it is after, given all that was shown of it."""
        if isinstance(shown, bytes):
            shown = shown.decode("latin-1")
        if attack.effect == LOOT:
            return attack.wanted.replace("CANARY", self.word) in shown
        if attack.effect == FLOOD:
            return len(shown) > MANY_BYTES
        if attack.effect == VICTIM:
            return self.victim_has_ended()
        if attack.effect == MARK:
            return self.is_marked()
        return attack.effect == CALL and self.was_called()

    def victim_has_ended(self) -> bool:
        assert self._victim is not None
        with suppress(subprocess.TimeoutExpired):
            self._victim.wait(0.02)
        return self._victim.returncode is not None

    def is_marked(self) -> bool:
        made = self.mark.exists() or self.mark.is_symlink() or self._marked.exists()
        return made or not self._is_untouched()

    def was_called(self) -> bool:
        try:
            self._server.accept()[0].close()
        except BlockingIOError:
            return False
        return True

    def harm(self) -> list[str]:
        """What an attack did outside, whatever it was after."""
        seen = {"a mark": self.is_marked(), "a victim": self.victim_has_ended(), "a call": self.was_called()}
        return [name for name, happened in seen.items() if happened]

    def close(self) -> None:
        if self._victim is not None:
            self._victim.kill()
            self._victim.wait()
        self._server.close()
        for path in (self._in_memory, self._marked):
            path.unlink(missing_ok=True)

    def _is_untouched(self) -> bool:
        try:
            return self.precious.read_text() == "precious" and self.precious.stat().st_mode & 0o777 == 0o600
        except OSError:
            return False
