"""Reads a compiled package with nothing of the compiler's own code: the weights that its graphs stand for."""

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnx
from onnx import numpy_helper

Tensors = dict[str, np.ndarray]

LINEARS = {
    "query": "attention.self.query",
    "key": "attention.self.key",
    "value": "attention.self.value",
    "attentionOutput": "attention.output.dense",
    "intermediate": "intermediate.dense",
    "output": "output.dense",
}
NORMS = {"attention_norm": "attention.output.LayerNorm", "output_norm": "output.LayerNorm"}
HEADS = {
    "bert": {"dense": "bert.pooler.dense", "projection": "classifier"},
    "xlm-roberta": {"dense": "classifier.dense", "projection": "classifier.out_proj"},
}
ENCODERS = {"bert": "bert", "xlm-roberta": "roberta"}


@dataclass
class Variant:
    """One variant of a package: its weights under the names that `transformers` gives them."""

    id: str
    state: dict[str, np.ndarray]
    # Whether activations are rounded to 8 bits per token before each product of the encoder's layers.
    rounds_activations: bool
    expected: list[float]
    graph: Path


def read_variants(folder: Path) -> tuple[dict, list[Variant]]:
    manifest = json.loads((folder / "manifest.json").read_text())
    return manifest, [read_variant(folder, manifest, variant) for variant in manifest["variants"]]


def read_variant(folder: Path, manifest: dict, variant: dict) -> Variant:
    model = onnx.load(folder / variant["graph"], load_external_data=True)
    tensors = {tensor.name: numpy_helper.to_array(tensor) for tensor in model.graph.initializer}
    rounds = any(node.op_type == "MatMulIntegerToFloat" for node in model.graph.node)
    return Variant(
        id=variant["id"],
        state=state_of(tensors, manifest),
        rounds_activations=rounds,
        expected=variant["expectedLogits"],
        graph=folder / variant["graph"],
    )


def state_of(tensors: Tensors, manifest: dict) -> dict[str, np.ndarray]:
    family, architecture = manifest["architecture"]["family"], manifest["architecture"]
    prefix, head = ENCODERS[family], HEADS[family]
    embeddings = f"{prefix}.embeddings"
    state = {
        f"{embeddings}.word_embeddings.weight": words_of(tensors),
        f"{embeddings}.position_embeddings.weight": tensors["positions"],
        **norm_of(tensors, "embeddings.norm", f"{embeddings}.LayerNorm"),
        **norm_of(tensors, "head.dense", head["dense"]),
        **norm_of(tensors, "head.projection", head["projection"]),
    }
    # Where the graph takes no token types, the only one was added to the positions.
    types = tensors.get("token_types", np.zeros((1, architecture["hiddenSize"]), np.float32))
    state[f"{embeddings}.token_type_embeddings.weight"] = types
    for layer in range(architecture["layers"]):
        here, there = f"layer.{layer}", f"{prefix}.encoder.layer.{layer}"
        for name, target in LINEARS.items():
            state[f"{there}.{target}.weight"] = weight_of(tensors, f"{here}.{name}")
            state[f"{there}.{target}.bias"] = tensors[f"{here}.{name}.bias"]
        for name, target in NORMS.items():
            state.update(norm_of(tensors, f"{here}.{name}", f"{there}.{target}"))
    return state


def norm_of(tensors: Tensors, name: str, target: str) -> dict[str, np.ndarray]:
    """Weight and bias of what is stored as it is."""
    return {f"{target}.weight": tensors[f"{name}.weight"], f"{target}.bias": tensors[f"{name}.bias"]}


def words_of(tensors: Tensors) -> np.ndarray:
    codes = tensors["words.codes"]
    if codes.dtype == np.float32:
        return codes
    scales = tensors["words.scales"].astype(np.float32)
    return from_blocks(codes.reshape(codes.shape[0], scales.shape[1], -1), scales)


def weight_of(tensors: Tensors, name: str) -> np.ndarray:
    """[out, in] as PyTorch keeps it, from whichever layout the kernel wanted."""
    if name in tensors:
        return tensors[name].T
    codes, scales = tensors[f"{name}.codes"], tensors[f"{name}.scales"].astype(np.float32)
    if codes.ndim == 2:  # rows: [in, out], a scale per output channel
        return ((codes.astype(np.float32) - 128) * scales).T
    return from_blocks(codes, scales)


def from_blocks(codes: np.ndarray, scales: np.ndarray) -> np.ndarray:
    """Blocks of 32 values: [rows, blocks, 32 bytes, or 16 with two codes each, the first in the lower half]."""
    bits = codes.shape[2] * 8 // 32
    if bits == 4:
        codes = np.stack([codes & 15, codes >> 4], axis=-1).reshape(*codes.shape[:2], 32)
    values = (codes.astype(np.float32) - 2 ** (bits - 1)) * scales[..., None]
    return values.reshape(codes.shape[0], -1)
