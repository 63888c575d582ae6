"""Translates triplets `{query, pos, neg}` with any command: `python training/translate.py --help`.

The command is started --jobs times and kept; each gets one text a line on its standard input and answers with one line
(`cat` is the smallest that works). Line breaks within a text travel as a space. A text that is answered with an empty
line counts as failed: it becomes "err", which `prepare.py` drops. Started again with the same --out, it goes on.
"""

import argparse
import json
import shlex
import subprocess
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from pathlib import Path
from queue import SimpleQueue

from distil import whole_lines
from lib.progress import Progress
from lib.rows import read_jsonl

FAILED = "err"


def main() -> None:
    options = parse_options()
    total = sum(1 for _ in read_jsonl(options.triplets))
    partial = options.out.with_suffix(options.out.suffix + ".partial")
    done = whole_lines(partial)
    progress = Progress("triplets", total - done)
    idle: SimpleQueue[Translator] = SimpleQueue()
    translators = [Translator(options.command) for _ in range(options.jobs)]
    for translator in translators:
        idle.put(translator)

    def translated(value: dict) -> dict:
        translator = idle.get()
        try:
            return {
                "query": translator(value["query"]),
                "pos": [translator(text) for text in value["pos"]],
                "neg": [translator(text) for text in value["neg"]],
            }
        finally:
            idle.put(translator)

    left = islice(read_jsonl(options.triplets), done, None)
    with open(partial, "a", encoding="utf-8") as out, ThreadPoolExecutor(options.jobs) as pool:
        # In pieces, for a pool takes in all it is given before the first comes out.
        while piece := list(islice(left, 64 * options.jobs)):
            for value in pool.map(translated, piece):
                out.write(json.dumps(value, ensure_ascii=False) + "\n")
                progress.step()
    for translator in translators:
        translator.end()
    partial.rename(options.out)
    progress.end()


class Translator:
    """One running command."""

    def __init__(self, command: str) -> None:
        self._command = command
        self._process = subprocess.Popen(
            shlex.split(command), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8", bufsize=1
        )

    def __call__(self, text: str) -> str:
        line = " ".join(text.split())
        if line == "":
            return FAILED
        assert self._process.stdin is not None and self._process.stdout is not None
        try:
            self._process.stdin.write(line + "\n")
            self._process.stdin.flush()
            answer = self._process.stdout.readline()
        except BrokenPipeError:
            answer = ""
        if answer == "":
            raise SystemExit(f"`{self._command}` ended. What was translated is kept; mend it and start again.")
        return answer.strip() or FAILED

    def end(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait()


def parse_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--triplets", type=Path, required=True, help="JSONL or JSONL.gz")
    parser.add_argument("--command", required=True, help="a translator: lines in, lines out, each flushed")
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--out", type=Path, required=True)
    return parser.parse_args()


if __name__ == "__main__":
    main()
