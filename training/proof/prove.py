"""Holds compiled packages against PyTorch, and writes down what PyTorch says.

    npx tsx compiler/testing/write-proof.ts DIR
    python training/proof/prove.py DIR compiler/testing/tiny-pairs.json compiler/fixtures/proof.json

For every checkpoint in DIR: the logits of `transformers`, one pair at a time and in one padded batch; and for every
package made of it, the logits of PyTorch on the weights which that package stands for. Fails where a package expects
other logits, or where its graph gives others in ONNX Runtime.
"""

import json
import sys
import unicodedata
from pathlib import Path

import numpy as np
import onnxruntime
import torch
import transformers
from package import ENCODERS, Variant, read_variants
from tokenizers import Tokenizer
from transformers import AutoModelForSequenceClassification

CHOICES = ("f32", "q8", "q4")
F32_LIMIT = 1e-4
QUANTIZED_LIMIT = 1e-3
# The last bit of an fp32 sum is each runtime's own. Where it tips a value that lies midway between two codes of 8 bits,
# a logit jumps, here by up to a tenth of the logits' spread. A fault of the graph would move all pairs; a tipped rounding
# leaves the others within some 1e-6.
TIPPED_SHARE = 0.1
TIPPED_LIMIT = 0.05

Pair = dict[str, list[int]]


class RoundedLinear(torch.nn.Module):
    """A linear layer whose inputs are rounded to 8 bits per row first, as the WASM graph does."""

    def __init__(self, linear: torch.nn.Linear):
        super().__init__()
        self.linear = linear

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        largest = x.abs().amax(dim=-1, keepdim=True).clamp(min=1e-12)
        # QuantizeLinear rounds ties to the even number, as torch.round does.
        codes = torch.round(x * (127 / largest)).clamp(-128, 127)
        product = torch.nn.functional.linear(codes, self.linear.weight)
        return product * (largest / 127) + self.linear.bias


def encode(folder: Path, config: dict, texts: list[dict[str, str]]) -> list[Pair]:
    """The query keeps three quarters of the limit at most, the document gets what is left."""
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    is_bert = config["model_type"] == "bert"
    offset = 0 if is_bert else config["pad_token_id"] + 1
    limit = min(512, config["max_position_embeddings"] - offset)
    cls, sep = (tokenizer.token_to_id("[CLS]"), tokenizer.token_to_id("[SEP]")) if is_bert else (0, 2)
    middle = [sep] if is_bert else [sep, sep]

    def ids(text: str) -> list[int]:
        return tokenizer.encode(unicodedata.normalize("NFC", text), add_special_tokens=False).ids

    pairs = []
    for text in texts:
        query = ids(text["query"])[: limit * 3 // 4]
        document = ids(text["document"])[: limit - len(query) - len(middle) - 2]
        head = [cls, *query, *middle]
        tokens: Pair = {"input_ids": [*head, *document, sep]}
        if is_bert:
            tokens["token_type_ids"] = [0] * len(head) + [1] * (len(document) + 1)
        pairs.append(tokens)
    return pairs


@torch.inference_mode()
def score(model: torch.nn.Module, pairs: list[Pair], pad: int) -> list[float]:
    """All pairs in one padded batch."""
    longest = max(len(pair["input_ids"]) for pair in pairs)

    def padded(name: str, value: int) -> torch.Tensor:
        return torch.tensor([pair[name] + [value] * (longest - len(pair[name])) for pair in pairs])

    ids = padded("input_ids", pad)
    mask = torch.tensor([[at < len(pair["input_ids"]) for at in range(longest)] for pair in pairs]).long()
    types = {"token_type_ids": padded("token_type_ids", 0)} if "token_type_ids" in pairs[0] else {}
    return model(input_ids=ids, attention_mask=mask, **types).logits[:, 0].tolist()


def load(folder: Path, variant: Variant | None = None) -> torch.nn.Module:
    model = AutoModelForSequenceClassification.from_pretrained(folder, dtype=torch.float32).eval()
    if variant is None:
        return model
    state = model.state_dict()
    for name, values in variant.state.items():
        target = state[name]
        # The package crops positions to its limit; those behind are never read.
        target[: values.shape[0]] = torch.from_numpy(np.array(values))
    if variant.rounds_activations:
        round_activations(getattr(model, ENCODERS[model.config.model_type]).encoder)
    return model


def round_activations(module: torch.nn.Module) -> None:
    for name, child in module.named_children():
        if isinstance(child, torch.nn.Linear):
            setattr(module, name, RoundedLinear(child))
        else:
            round_activations(child)


def run_graph(variant: Variant, manifest: dict, pairs: list[Pair]) -> list[float]:
    """The graph in native ONNX Runtime, one pair at a time."""
    session = onnxruntime.InferenceSession(str(variant.graph), providers=["CPUExecutionProvider"])
    offset = manifest["input"]["positionOffset"]
    wanted = {value.name for value in session.get_inputs()}
    logits = []
    for pair in pairs:
        tokens = len(pair["input_ids"])
        feeds = {
            "input_ids": np.array([pair["input_ids"]], np.int32),
            "token_type_ids": np.array([pair.get("token_type_ids", [0] * tokens)], np.int32),
            "position_ids": np.arange(offset, offset + tokens, dtype=np.int32),
            "key_bias": np.zeros((1, 1, 1, tokens), np.float32),
            "query_zeros": np.zeros((1, 1, tokens, 1), np.float32),
        }
        outputs = session.run(["logits"], {name: feeds[name] for name in feeds if name in wanted})
        logits.append(float(outputs[0][0, 0]))
    return logits


def off_by(a: list[float], b: list[float]) -> float:
    return max(abs(x - y) for x, y in zip(a, b, strict=True))


def require(what: str, error: float, limit: float) -> None:
    print(f"  {what}: off by {error:.1e} at most (limit {limit:.0e})")
    if not error <= limit:
        sys.exit(f"{what} is off by {error}")


def require_untipped(errors: dict[str, list[float]]) -> None:
    """All variants with 8-bit activations together: a tipped rounding is rare, or it is something else."""
    for what in ("PyTorch", "ONNX Runtime"):
        found = [error for label, values in errors.items() if label.endswith(what) for error in values]
        tipped = [error for error in found if error > QUANTIZED_LIMIT]
        print(f"8-bit activations, {what}: {len(tipped)} of {len(found)} pairs off by over {QUANTIZED_LIMIT:.0e}")
        require(
            f"8-bit activations, {what}, all others", max(e for e in found if e <= QUANTIZED_LIMIT), QUANTIZED_LIMIT
        )
        require(f"8-bit activations, {what}, the tipped ones", max(tipped, default=0.0), TIPPED_LIMIT)
        require(f"8-bit activations, {what}, share of tipped ones", len(tipped) / len(found), TIPPED_SHARE)


def prove(place: Path, texts: list[dict[str, str]]) -> tuple[dict, dict[str, list[float]]]:
    folder = place / "checkpoint"
    config = json.loads((folder / "config.json").read_text())
    pairs = encode(folder, config, texts)
    pad = config["pad_token_id"]
    model = load(folder)
    alone = [score(model, [pair], pad)[0] for pair in pairs]
    print(f"{place.name}: logits with a standard deviation of {np.std(alone):.3f}")
    require("transformers, padded batch against one at a time", off_by(score(model, pairs, pad), alone), F32_LIMIT)
    packages, rounding = {}, {}
    for choice in CHOICES:
        manifest, variants = read_variants(place / choice)
        by_text = {(pair["query"], pair["document"]): at for at, pair in enumerate(manifest["golden"])}
        order = [by_text[(text["query"], text["document"])] for text in texts]
        packages[choice] = {}
        for variant in variants:
            expected = [variant.expected[at] for at in order]
            dequantized = load(folder, variant)
            logits = [score(dequantized, [pair], pad)[0] for pair in pairs]
            limit = F32_LIMIT if choice == "f32" else QUANTIZED_LIMIT
            label = f"{choice}/{variant.id}"
            graph_logits = run_graph(variant, manifest, pairs)
            for what, values in ((f"{label}, PyTorch", logits), (f"{label}, ONNX Runtime", graph_logits)):
                if variant.rounds_activations:
                    rounding[what] = [abs(a - b) for a, b in zip(values, expected, strict=True)]
                else:
                    require(what, off_by(values, expected), limit)
            if choice == "f32":
                require(f"{label}, transformers", off_by(alone, expected), F32_LIMIT)
            packages[choice][variant.id] = rounded(logits)
    return {"pairs": pairs, "logits": rounded(alone), "packages": packages}, rounding


def rounded(values: list[float]) -> list[float]:
    return [round(value, 6) for value in values]


def main(folder: Path, pairs_file: Path, fixture: Path) -> None:
    transformers.logging.set_verbosity_error()
    texts = json.loads(pairs_file.read_text())
    places = sorted(place for place in folder.iterdir() if (place / "checkpoint").is_dir())
    checkpoints, rounding = {}, {}
    for place in places:
        checkpoints[place.name], errors = prove(place, texts)
        rounding.update({f"{place.name} {label}": values for label, values in errors.items()})
    require_untipped(rounding)
    note = f"PyTorch {torch.__version__}, transformers {transformers.__version__}, fp32"
    lines = [f'"{name}": {json.dumps(result)}' for name, result in checkpoints.items()]
    fixture.write_text(f'{{"note": "{note}", "checkpoints": {{\n' + ",\n".join(lines) + "\n}}\n")


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))
