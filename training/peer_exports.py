"""Exports a checkpoint to ONNX as transformers.js's users do, and keeps the graphs without their weights.

    python training/peer_exports.py CHECKPOINT OUT

CHECKPOINT is what `e2e/bench/peers/plain-checkpoint.ts` writes. The fp32 graph comes from torch's exporter, the q8 one
from ONNX Runtime's dynamic quantization with unsigned weights per tensor, which is transformers.js's "q8"
(https://github.com/huggingface/transformers.js/blob/main/scripts/quantize.py). The benchmark joins the graphs with
weights of the same checkpoint by `initializers.json`, so that it needs neither Python nor 66 MB in the repository.
"""

import json
import sys
from pathlib import Path

import numpy
import onnx
import torch
from onnxruntime.quantization import QuantType, quantize_dynamic
from onnxruntime.quantization.shape_inference import quant_pre_process
from transformers import AutoModelForSequenceClassification

OPSET = 17
LARGE = 1024  # Elements; smaller constants stay in the graph.


def export(checkpoint: Path, out: Path) -> dict[str, torch.Tensor]:
    model = AutoModelForSequenceClassification.from_pretrained(checkpoint, attn_implementation="eager").eval()
    ids = torch.ones(2, 7, dtype=torch.int64) * 5
    torch.onnx.export(
        model,
        (ids, torch.ones_like(ids)),
        str(out),
        input_names=["input_ids", "attention_mask"],
        output_names=["logits"],
        dynamic_axes={"input_ids": {0: "batch", 1: "tokens"}, "attention_mask": {0: "batch", 1: "tokens"}, "logits": {0: "batch"}},
        opset_version=OPSET,
        dynamo=False,
    )
    return model.state_dict()


def place_of(values: numpy.ndarray, tensors: dict[str, numpy.ndarray]) -> dict:
    """Which tensor of the checkpoint an initializer holds, as it is or transposed."""
    for name, tensor in tensors.items():
        if tensor.shape == values.shape and numpy.array_equal(tensor, values):
            return {"tensor": name, "transposed": False}
        if tensor.ndim == 2 and tensor.T.shape == values.shape and numpy.array_equal(tensor.T, values):
            return {"tensor": name, "transposed": True}
    raise ValueError(f"no tensor of the checkpoint is {values.shape}")


def initializers_of(model: onnx.ModelProto) -> dict[str, numpy.ndarray]:
    return {one.name: onnx.numpy_helper.to_array(one) for one in model.graph.initializer}


def strip(model: onnx.ModelProto, names: set[str]) -> None:
    kept = [one for one in model.graph.initializer if one.name not in names]
    del model.graph.initializer[:]
    model.graph.initializer.extend(kept)


def main(checkpoint: Path, out: Path) -> None:
    full, quantized = out / "full.onnx", out / "full_quantized.onnx"
    out.mkdir(parents=True, exist_ok=True)
    tensors = {name: tensor.numpy() for name, tensor in export(checkpoint, full).items()}
    quant_pre_process(str(full), str(out / "prepared.onnx"), skip_symbolic_shape=True)
    quantize_dynamic(out / "prepared.onnx", quantized, weight_type=QuantType.QUInt8, extra_options={"EnableSubgraph": True, "MatMulConstBOnly": True})

    plain = onnx.load(full)
    places = {one.name: place_of(onnx.numpy_helper.to_array(one), tensors) for one in plain.graph.initializer if numpy.prod(one.dims) >= LARGE}
    strip(plain, set(places))
    onnx.save(plain, out / "model.onnx")

    eight = onnx.load(quantized)
    eight_places = {}
    of_prepared = initializers_of(onnx.load(out / "prepared.onnx"))
    of_eight = initializers_of(eight)
    dropped = set()
    for one in eight.graph.initializer:
        if not one.name.endswith("_quantized"):
            if numpy.prod(one.dims) >= LARGE:
                eight_places[one.name] = place_of(onnx.numpy_helper.to_array(one), tensors)
                dropped.add(one.name)
            continue
        source = one.name.removesuffix("_quantized")
        scale, zero = (of_eight[f"{source}_{part}"] for part in ("scale", "zero_point"))
        values = (of_eight[one.name].astype(numpy.float32) - zero) * scale
        place = place_of(of_prepared[source], tensors)
        # The quantizer turns what a Gemm takes as its transpose.
        wanted = tensors[place["tensor"]]
        place["transposed"] = not (wanted.shape == values.shape and numpy.abs(wanted - values).max() <= scale)
        eight_places[one.name] = {**place, "scale": f"{source}_scale", "zeroPoint": f"{source}_zero_point"}
        dropped.update([one.name, f"{source}_scale", f"{source}_zero_point"])
    strip(eight, dropped)
    onnx.save(eight, out / "model_quantized.onnx")
    (out / "initializers.json").write_text(json.dumps({"model": places, "model_quantized": eight_places}, indent=1) + "\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
