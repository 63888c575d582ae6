"""Each command for a few steps, as a user starts it."""

import json
import os
import subprocess
import sys
from pathlib import Path

import torch

from lib.encoder import EncoderConfig, MiniEncoder
from sagemaker_job import estimator_arguments
from sagemaker_job import parse_options as parse_job
from train import parse_options

TRAINING = Path(__file__).parent.parent
SHAPE = ["--layers", "2", "--width", "64", "--max-length", "24"]


def command(*parts, torchrun: int = 0, fails: bool = False) -> str:
    python = [sys.executable]
    if torchrun:
        python += ["-m", "torch.distributed.run", "--standalone", f"--nproc-per-node={torchrun}"]
    script, *rest = map(str, parts)
    done = subprocess.run(
        [*python, str(TRAINING / script), *rest],
        capture_output=True,
        text=True,
        env=os.environ | {"OMP_NUM_THREADS": "1"},
    )
    assert (done.returncode != 0) == fails, done.stdout + done.stderr
    return done.stdout + done.stderr


def train(prepared, tokenizer_folder, out, *more, **how) -> str:
    return command(
        "train.py", "--data", prepared, "--tokenizer", tokenizer_folder, *SHAPE, "--batch", 4, "--group-size", 3,
        "--warmup", 2, "--log-every", 5, "--out", out, *more, **how,
    )  # fmt: skip


def weights(folder: Path) -> dict[str, torch.Tensor]:
    return MiniEncoder.load(folder).state_dict()


def test_training_learns_and_goes_on_to_the_very_same_weights(prepared, tokenizer_folder, tmp_path):
    whole = train(prepared, tokenizer_folder, tmp_path / "whole", "--steps", 60, "--lr", 2e-3)
    losses = [float(line.split("loss ")[1].split(",")[0]) for line in whole.splitlines() if "loss " in line]
    assert losses[-1] < 0.5 * losses[0]
    parts = ("--steps", 60, "--lr", 2e-3, "--save-minutes", 0)
    train(prepared, tokenizer_folder, tmp_path / "parts", *parts, "--minutes", 0)
    resumed = train(prepared, tokenizer_folder, tmp_path / "parts", *parts)
    assert "steps 2 to 60" in resumed
    for name, value in weights(tmp_path / "whole").items():
        assert torch.allclose(value, weights(tmp_path / "parts")[name], atol=1e-5), name


def test_two_processes_learn_what_one_does(prepared, tokenizer_folder, tmp_path):
    train(prepared, tokenizer_folder, tmp_path / "one", "--steps", 6)
    train(prepared, tokenizer_folder, tmp_path / "two", "--steps", 6, torchrun=2)
    for name, value in weights(tmp_path / "one").items():
        assert torch.allclose(value, weights(tmp_path / "two")[name], atol=1e-4), name


def test_muon_learns_and_goes_on_to_the_very_same_weights(prepared, tokenizer_folder, tmp_path):
    more = ("--optimizer", "muon", "--steps", 60, "--lr", 2e-3, "--muon-lr", 1e-2, "--save-minutes", 0)
    whole = train(prepared, tokenizer_folder, tmp_path / "whole", *more)
    losses = [float(line.split("loss ")[1].split(",")[0]) for line in whole.splitlines() if "loss " in line]
    assert losses[-1] < 0.5 * losses[0]
    train(prepared, tokenizer_folder, tmp_path / "parts", *more, "--minutes", 0)
    train(prepared, tokenizer_folder, tmp_path / "parts", *more)
    for name, value in weights(tmp_path / "whole").items():
        assert torch.allclose(value, weights(tmp_path / "parts")[name], atol=1e-5), name


def test_groups_at_once_change_memory_and_nothing_else(prepared, tokenizer_folder, tmp_path):
    train(prepared, tokenizer_folder, tmp_path / "all", "--steps", 4)
    train(prepared, tokenizer_folder, tmp_path / "few", "--steps", 4, "--at-once", 1)
    for name, value in weights(tmp_path / "all").items():
        assert torch.allclose(value, weights(tmp_path / "few")[name], atol=1e-4), name


def test_pretraining_makes_a_checkpoint_that_training_starts_from(prepared, tokenizer_folder, tmp_path):
    command(
        "pretrain.py", "--data", prepared, "--tokenizer", tokenizer_folder, *SHAPE, "--steps", 3, "--batch", 4,
        "--out", tmp_path / "pretrained",
    )  # fmt: skip
    command(
        "train.py", "--data", prepared, "--start", tmp_path / "pretrained", "--max-length", 24, "--steps", 2, "--batch", 4,
        "--out", tmp_path / "run",
    )  # fmt: skip
    command("export.py", "--checkpoint", tmp_path / "run", "--out", tmp_path / "kept", "--half")
    assert EncoderConfig.read(tmp_path / "kept").max_length == 24
    command(
        "mine.py", "mistakes", "--data", prepared, "--checkpoint", tmp_path / "kept", "--negatives", 2,
        "--out", tmp_path / "mined",
    )  # fmt: skip
    mined = [json.loads(line) for line in (tmp_path / "mined/groups.jsonl").read_text().splitlines()]
    assert [len(group["negatives"]) for group in mined] == [2] * 12


def test_the_origins_recipe_runs_on_a_random_xlm_roberta_and_teaches_the_small_one(
    prepared, tokenizer_folder, tmp_path
):
    from transformers import PreTrainedTokenizerFast, XLMRobertaConfig, XLMRobertaForSequenceClassification

    base = tmp_path / "base"
    XLMRobertaForSequenceClassification(
        XLMRobertaConfig(
            vocab_size=60, hidden_size=32, num_hidden_layers=2, num_attention_heads=2, intermediate_size=64,
            max_position_embeddings=520, pad_token_id=1, bos_token_id=0, eos_token_id=2, num_labels=1,
        )
    ).save_pretrained(base)  # fmt: skip
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_file=str(tokenizer_folder / "tokenizer.json"),
        bos_token="<s>", eos_token="</s>", cls_token="<s>", sep_token="</s>", pad_token="<pad>", unk_token="<unk>",
    )  # fmt: skip
    from tokenizers.processors import RobertaProcessing

    tokenizer.backend_tokenizer.post_processor = RobertaProcessing(("</s>", 2), ("<s>", 0))
    tokenizer.save_pretrained(base)

    log = command(
        "train.py",
        "--recipe",
        "ko-reranker",
        "--base",
        base,
        "--data",
        prepared,
        "--batch",
        4,
        "--out",
        tmp_path / "run",
    )
    # 3 epochs of 12 groups in steps of 4.
    assert "steps 1 to 9" in log
    tuned = XLMRobertaForSequenceClassification.from_pretrained(tmp_path / "run")
    before = XLMRobertaForSequenceClassification.from_pretrained(base)
    moved = (tuned.classifier.dense.weight - before.classifier.dense.weight).abs().max()
    assert 0 < moved < 9 * 2 * 5e-6

    command("distil.py", "score", "--data", prepared, "--teacher", tmp_path / "run", "--out", tmp_path / "scored")
    scored = [json.loads(line) for line in (tmp_path / "scored/groups.jsonl").read_text().splitlines()]
    assert all(len(group["logits"]) == 4 for group in scored)
    command(
        "distil.py", "train", "--data", tmp_path / "scored", "--tokenizer", tokenizer_folder, *SHAPE, "--steps", 3,
        "--batch", 4, "--group-size", 3, "--out", tmp_path / "student",
    )  # fmt: skip
    assert "no logits" in command(
        "distil.py", "train", "--data", prepared, "--tokenizer", tokenizer_folder, *SHAPE, "--steps", 3, "--batch", 4,
        "--out", tmp_path / "none", fails=True,
    )  # fmt: skip
    mine = ("mine.py", "embeddings", "--data", prepared, "--model", base, "--range", "1-4", "--negatives", 5)
    command(*mine, "--out", tmp_path / "mined")
    mined = [json.loads(line) for line in (tmp_path / "mined/groups.jsonl").read_text().splitlines()]
    assert all(len(group["negatives"]) == 5 and group["positive"] not in group["negatives"] for group in mined)


def test_translation_goes_through_any_command_and_goes_on(tmp_path):
    triplets, out = tmp_path / "en.jsonl", tmp_path / "ko.jsonl"
    triplets.write_text(
        "".join(json.dumps({"query": f"q{at}", "pos": ["a\nb"], "neg": ["c"]}) + "\n" for at in range(5))
    )
    upper = f"{sys.executable} -uc 'import sys; [print(line.upper(), end=\"\", flush=True) for line in sys.stdin]'"
    out.with_suffix(".jsonl.partial").write_text('{"query": "kept", "pos": [], "neg": []}\n{"que')
    command("translate.py", "--triplets", triplets, "--command", upper, "--jobs", 2, "--out", out)
    lines = [json.loads(line) for line in out.read_text().splitlines()]
    assert [line["query"] for line in lines] == ["kept", "Q1", "Q2", "Q3", "Q4"]
    assert lines[1]["pos"] == ["A B"]
    assert "ended" in command(
        "translate.py", "--triplets", triplets, "--command", "true", "--out", tmp_path / "x", fails=True
    )


def test_the_sagemaker_job_passes_arguments_that_training_takes():
    options = parse_job(
        ["--role", "arn:aws:iam::1:role/r", "--data", "s3://b/data", "--checkpoints", "s3://b/c", "--spot"]
    )
    arguments = estimator_arguments(options)
    given = [part for name, value in arguments["hyperparameters"].items() for part in (f"--{name}", str(value))]
    training = parse_options(given)
    assert (training.lr, training.epochs, training.group_size, training.max_length) == (5e-6, 3.0, 3, 512)
    assert (training.batch, training.at_once, training.weight_decay, training.precision) == (32, 1, 0.01, "fp16")
    assert training.base == "BAAI/bge-reranker-large"
    assert (TRAINING / arguments["entry_point"]).exists()
    assert arguments["max_wait"] >= arguments["max_run"]
