"""How far a long step is, on the terminal and in a log file."""

import sys
import time
from pathlib import Path
from typing import TextIO


class Progress:
    """Counts steps and prints them with the time left; a line of its own each half minute where there is no terminal."""

    def __init__(self, name: str, total: int) -> None:
        self._name, self._total, self._done = name, total, 0
        self._began = self._printed = time.monotonic()

    def step(self, count: int = 1) -> None:
        self._done += count
        now = time.monotonic()
        if now - self._printed >= (1 if sys.stderr.isatty() else 30):
            self._printed = now
            left = (self._total - self._done) * (now - self._began) / self._done
            self._print(f"{self._name}: {self._done:,} of {self._total:,}, {duration(left)} left")

    def end(self) -> None:
        self._print(f"{self._name}: {self._done:,} in {duration(time.monotonic() - self._began)}")
        if sys.stderr.isatty():
            print(file=sys.stderr)

    def _print(self, text: str) -> None:
        print(
            f"\r\x1b[K{text}" if sys.stderr.isatty() else text, end="" if sys.stderr.isatty() else "\n", file=sys.stderr
        )


def duration(seconds: float) -> str:
    minutes, seconds = divmod(max(0, round(seconds)), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes:02} min" if hours else f"{minutes} min {seconds:02} s"


class Log:
    """Lines on the terminal and, with the time, at the end of a file. Only rank 0 of several processes writes."""

    def __init__(self, path: Path, writes: bool = True) -> None:
        self._file: TextIO | None = open(path, "a", encoding="utf-8") if writes else None

    def __call__(self, text: str) -> None:
        if self._file is None:
            return
        print(text, flush=True)
        self._file.write(f"{time.strftime('%Y-%m-%d %H:%M:%S')} {text}\n")
        self._file.flush()
