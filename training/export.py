"""Writes a trained checkpoint as the compiler reads it: `python training/export.py --checkpoint RUN --out DIR`.

`model.safetensors`, `config.json` and `tokenizer.json`; fp16 with --half, to keep or to start the next stage from. Of
several checkpoints the weights' mean is written: two stages of one run are often better together than either.
"""

import argparse
from pathlib import Path

import torch

from lib.encoder import MiniEncoder


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--checkpoint", type=Path, nargs="+", required=True, help="--out of train.py, distil.py or pretrain.py"
    )
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--half", action="store_true", help="fp16: half the bytes, logits within about 0.01")
    options = parser.parse_args()
    for checkpoint in options.checkpoint:
        if not (checkpoint / "model.safetensors").exists():
            parser.error(f"{checkpoint} has no model.safetensors: has the run saved yet?")
    model = mean_of(options.checkpoint)
    tokenizer = (options.checkpoint[-1] / "tokenizer.json").read_bytes()
    model.save(options.out, torch.float16 if options.half else torch.float32)
    (options.out / "tokenizer.json").write_bytes(tokenizer)
    size = sum(file.stat().st_size for file in options.out.iterdir() if file.is_file())
    print(f"{options.out}: {sum(value.numel() for value in model.parameters()):,} parameters, {size / 1e6:.1f} MB")


def mean_of(checkpoints: list[Path]) -> MiniEncoder:
    """Of the same shape, each from the one before it: weights of unrelated runs have no meaningful mean."""
    states = [MiniEncoder.load(checkpoint).state_dict() for checkpoint in checkpoints]
    model = MiniEncoder.load(checkpoints[-1])
    model.load_state_dict({name: torch.stack([state[name] for state in states]).mean(0) for name in states[0]})
    return model


if __name__ == "__main__":
    main()
