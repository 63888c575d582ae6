"""Finds better wrong passages for prepared groups: `python training/mine.py --help`.

  embeddings   by rank in an embedding model's order, as FlagEmbedding's `hn_mine.py`: all passages are candidates, ranks
               --range of each question are kept but for the right passage and texts equal to the question, --negatives
               of them are drawn, and what is missing is drawn from all passages.
  mistakes     passages that a checkpoint itself puts before the right one, or nearly: of each group's negatives the
               --negatives with the highest logits. For the later rounds of training.

Copies --data to --out with other negatives. Both go on where they were.
"""

import argparse
import json
import random
from collections.abc import Iterator
from pathlib import Path
from shutil import copyfile

import numpy as np
import torch

from distil import whole_lines
from lib.encoder import EncoderConfig
from lib.models import embedded
from lib.pairs import parts
from lib.progress import Progress
from lib.rows import letters, read_jsonl


def main() -> None:
    options = parse_options()
    options.out.mkdir(parents=True, exist_ok=True)
    for name in ("passages.jsonl", "dev.jsonl"):
        copyfile(options.data / name, options.out / name)
    groups = list(read_jsonl(options.data / "groups.jsonl"))
    texts = {value["id"]: value["text"] for value in read_jsonl(options.data / "passages.jsonl")}
    partial = options.out / "groups.jsonl.partial"
    done = whole_lines(partial)
    mined = by_embeddings if options.command == "embeddings" else by_mistakes
    progress = Progress("groups", len(groups) - done)
    with open(partial, "a", encoding="utf-8") as out:
        for group in mined(groups[done:], texts, options):
            group.pop("logits", None)
            out.write(json.dumps(group, ensure_ascii=False) + "\n")
            progress.step()
    partial.rename(options.out / "groups.jsonl")
    progress.end()


def by_embeddings(groups: list[dict], texts: dict[str, str], options: argparse.Namespace) -> Iterator[dict]:
    ids = list(texts)
    embed = Embedder(options.model)
    matrix = embedded_passages(embed, [texts[name] for name in ids], options)
    begin, end = options.range
    for first in range(0, len(groups), options.batch):
        batch = groups[first : first + options.batch]
        found = embed([options.instruction + group["query"] for group in batch]) @ matrix.T
        best = np.argpartition(-found, min(end, len(ids) - 1), axis=1)[:, :end]
        for row, group in enumerate(batch):
            order = best[row][np.argsort(-found[row, best[row]], kind="stable")]
            rng = random.Random(f"{options.seed}/{group['query']}")
            ranked = [ids[at] for at in order[begin:end]]
            yield group | {"negatives": draw(ranked, ids, group, texts, options.negatives, rng)}


def draw(
    ranked: list[str], ids: list[str], group: dict, texts: dict[str, str], count: int, rng: random.Random
) -> list[str]:
    """`count` of the ranked passages, topped up from all, none of them right or the question itself."""
    forbidden = {letters(texts[group["positive"]]), letters(group["query"])}
    allowed = [name for name in ranked if letters(texts[name]) not in forbidden]
    chosen = rng.sample(allowed, min(count, len(allowed)))
    for _ in range(20 * count):
        if len(chosen) == count:
            break
        name = rng.choice(ids)
        if name not in chosen and letters(texts[name]) not in forbidden:
            chosen.append(name)
    return chosen


class Embedder:
    """Texts → [texts, width], of length 1: the first token of a BERT-like model, as the bge models are read."""

    def __init__(self, name: str) -> None:
        from transformers import AutoModel, AutoTokenizer

        self._device = "cuda" if torch.cuda.is_available() else "cpu"
        self._tokenizer = AutoTokenizer.from_pretrained(name)
        self._model = AutoModel.from_pretrained(name).to(self._device).eval()

    @torch.inference_mode()
    def __call__(self, texts: list[str]) -> np.ndarray:
        read = self._tokenizer(texts, padding=True, truncation=True, max_length=512, return_tensors="pt")
        first = self._model(**read.to(self._device)).last_hidden_state[:, 0]
        return torch.nn.functional.normalize(first, dim=1).float().cpu().numpy()


def embedded_passages(embed: Embedder, texts: list[str], options: argparse.Namespace) -> np.ndarray:
    """[passages, width]; kept in --out, for it is the long part."""
    kept = options.out / "embeddings.npy"
    if kept.exists():
        matrix = np.load(kept)
        if len(matrix) == len(texts):
            return matrix
    progress, found = Progress("passages", len(texts)), []
    for first in range(0, len(texts), options.batch):
        found.append(embed(texts[first : first + options.batch]))
        progress.step(len(found[-1]))
    progress.end()
    matrix = np.concatenate(found)
    np.save(kept, matrix)
    return matrix


@torch.inference_mode()
def by_mistakes(groups: list[dict], texts: dict[str, str], options: argparse.Namespace) -> Iterator[dict]:
    device = "cuda" if torch.cuda.is_available() else "cpu"
    trained = embedded(options.checkpoint, options.checkpoint, EncoderConfig.read(options.checkpoint), dropout=0.0)
    model, encoder = trained.new_model().to(device).eval(), trained.encoder
    for group in groups:
        pairs = [encoder.pair(group["query"], encoder.tokens(texts[name])) for name in group["negatives"]]
        logits = torch.zeros(len(pairs), device=device)
        for part in parts(pairs, 2048, encoder.format.pad, device):
            logits[part.places] = model(part.ids, part.types, part.mask)
        hardest = logits.argsort(descending=True).tolist()[: options.negatives]
        yield group | {"negatives": [group["negatives"][at] for at in hardest]}


def parse_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    embeddings = commands.add_parser("embeddings")
    embeddings.add_argument("--model", required=True, help="hub name or folder, such as BAAI/bge-m3")
    embeddings.add_argument("--range", type=read_range, default=(10, 210), help="ranks to draw from (default: 10-210)")
    embeddings.add_argument("--negatives", type=int, default=15)
    embeddings.add_argument("--instruction", default="", help="what the model wants before a question")
    embeddings.add_argument("--batch", type=int, default=64)
    mistakes = commands.add_parser("mistakes")
    mistakes.add_argument("--checkpoint", type=Path, required=True)
    mistakes.add_argument("--negatives", type=int, default=4)
    for command in (embeddings, mistakes):
        command.add_argument("--data", type=Path, required=True, help="folder that prepare.py wrote")
        command.add_argument("--out", type=Path, required=True)
        command.add_argument("--seed", type=int, default=1)
    return parser.parse_args()


def read_range(text: str) -> tuple[int, int]:
    begin, _, end = text.partition("-")
    if not begin.isdigit() or not end.isdigit() or int(begin) >= int(end):
        raise argparse.ArgumentTypeError(f"{text} is no range of ranks; write it as 10-210")
    return int(begin), int(end)


if __name__ == "__main__":
    main()
