"""Writes a trained checkpoint as the compiler reads it: `python training/export.py --checkpoint RUN --out DIR`.

`model.safetensors`, `config.json` and `tokenizer.json`; fp16 with --half, to keep or to start the next stage from.
"""

import argparse
from pathlib import Path
from shutil import copyfile

import torch

from lib.encoder import MiniEncoder


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--checkpoint", type=Path, required=True, help="--out of train.py, distil.py or pretrain.py")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--half", action="store_true", help="fp16: half the bytes, logits within about 0.01")
    options = parser.parse_args()
    if not (options.checkpoint / "model.safetensors").exists():
        parser.error(f"{options.checkpoint} has no model.safetensors: has the run saved yet?")
    model = MiniEncoder.load(options.checkpoint)
    model.save(options.out, torch.float16 if options.half else torch.float32)
    copyfile(options.checkpoint / "tokenizer.json", options.out / "tokenizer.json")
    size = sum(file.stat().st_size for file in options.out.iterdir() if file.is_file())
    print(f"{options.out}: {sum(value.numel() for value in model.parameters()):,} parameters, {size / 1e6:.1f} MB")


if __name__ == "__main__":
    main()
