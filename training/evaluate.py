"""Judges a checkpoint on development questions and on CSV files: `python training/evaluate.py --help`.

Prints, for each set, MRR@10 and hit@1 of the first stage, of the model alone, and of both blended; the weight of the
blend is the one that is best on the development questions. The figures of the model card are the packaged model's, by
`npm run evaluate`; this is for choosing between checkpoints.
"""

import argparse
import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch

from lib.encoder import EncoderConfig
from lib.judging import Judged, difference, read_csv, read_dev, reciprocal_ranks
from lib.models import embedded
from lib.pairs import parts
from lib.progress import Progress

WEIGHTS = (0, 1, 2, 3, 4, 5, 6, 8, 10, 15, 20)


def main() -> None:
    options = parse_options()
    dev = read_dev(options.data, options.dev_questions) if options.data else []
    questions = dev + [question for path in options.csv for question in read_csv(path)]
    logits = score(options.checkpoint, questions)

    def ranks(weight: float, chosen: Sequence[int]) -> np.ndarray:
        return reciprocal_ranks(
            [questions[at] for at in chosen],
            lambda place: logits[chosen[place]] + weight * normalized(questions[chosen[place]]),
        )

    weight = options.weight
    if weight is None:
        weight = max(WEIGHTS, key=lambda value: ranks(value, range(len(dev))).mean()) if dev else 4
    print(f"| set | questions | ceiling | first stage | alone | + first stage × {weight} | difference, 95 % |")
    print("|---|---|---|---|---|---|---|")
    report = {}
    for name in dict.fromkeys(question.set for question in questions):
        chosen = [at for at, question in enumerate(questions) if question.set == name]
        first = reciprocal_ranks(
            [questions[at] for at in chosen], lambda place, chosen=chosen: questions[chosen[place]].scores
        )
        alone, blended = ranks(0, chosen), ranks(weight, chosen)
        delta, low, high = difference(blended, first)
        ceiling = np.mean([questions[at].right is not None for at in chosen])
        print(
            f"| {name} | {len(chosen)} | {ceiling:.3f} | {both(first)} | {both(alone)} | {both(blended)} "
            f"| {delta:+.3f} ({low:+.3f} to {high:+.3f}) |"
        )
        report[name] = {"first": first.mean(), "alone": alone.mean(), "blended": blended.mean()}
    if options.json:
        options.json.write_text(json.dumps({"weight": weight, "mrr10": report}, indent=2) + "\n")


def both(ranks: np.ndarray) -> str:
    return f"{ranks.mean():.3f} ({(ranks == 1).mean():.3f})"


def normalized(question: Judged) -> np.ndarray:
    return question.scores / max(question.scores.max(initial=0.0), 1e-9)


def score(checkpoint: Path, questions: Sequence[Judged]) -> list[np.ndarray]:
    """[candidates] of logits for each question."""
    device = "cuda" if torch.cuda.is_available() else "cpu"
    config = EncoderConfig.read(checkpoint)
    trained = embedded(checkpoint, checkpoint, config, dropout=0.0)
    model, encoder = trained.new_model().to(device).eval(), trained.encoder
    progress, logits = Progress("questions", len(questions)), []
    with torch.inference_mode():
        for question in questions:
            pairs = [encoder.pair(question.query, encoder.tokens(text)) for text in question.texts]
            scores = torch.zeros(len(pairs), device=device)
            for part in parts(pairs, 2048, encoder.format.pad, device):
                scores[part.places] = model(part.ids, part.types, part.mask)
            logits.append(scores.cpu().numpy())
            progress.step()
    progress.end()
    return logits


def parse_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("csv", type=Path, nargs="*", help="question,answer,doc_id,doc; never trained on")
    parser.add_argument("--checkpoint", type=Path, required=True)
    parser.add_argument("--data", type=Path, help="folder that prepare.py wrote, for its development questions")
    parser.add_argument("--dev-questions", type=int, default=400, help="of each kind (default: %(default)s)")
    parser.add_argument(
        "--weight", type=float, help="of the first stage; without it, the best on development questions"
    )
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    if not options.csv and not options.data:
        parser.error("give CSV files, --data, or both")
    return options


if __name__ == "__main__":
    main()
