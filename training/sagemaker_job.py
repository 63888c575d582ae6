"""Runs `train.py --recipe ko-reranker` on Amazon SageMaker: `python training/sagemaker_job.py --help`.

Prints the estimator's arguments and stops; with --launch it starts the job, for which `pip install "sagemaker<3"` and
AWS credentials are needed, and which costs money. Checkpoints go to --checkpoints as they are written, so a job that
is started again, or whose spot instance was taken away, goes on.
"""

import argparse
import json
from pathlib import Path

# Hugging Face's training container; requirements.txt brings the versions that are tested here.
CONTAINER = {"transformers_version": "4.49.0", "pytorch_version": "2.5.1", "py_version": "py311"}
CHECKPOINTS = "/opt/ml/checkpoints"


def estimator_arguments(options: argparse.Namespace) -> dict:
    """What `sagemaker.huggingface.HuggingFace` is given."""
    spot = {"use_spot_instances": True, "max_wait": 2 * options.hours * 3600} if options.spot else {}
    return {
        "entry_point": "train.py",
        "source_dir": str(Path(__file__).parent),
        "role": options.role,
        "instance_type": options.instance,
        "instance_count": 1,
        "volume_size": 500,
        "max_run": options.hours * 3600,
        # torchrun with one process for each GPU.
        "distribution": {"torch_distributed": {"enabled": True}},
        "checkpoint_s3_uri": options.checkpoints,
        "checkpoint_local_path": CHECKPOINTS,
        "base_job_name": "ko-reranker",
        "hyperparameters": {
            "recipe": "ko-reranker",
            "data": "/opt/ml/input/data/training",
            "out": CHECKPOINTS,
            "log-every": 30,
        },
        **CONTAINER,
        **spot,
    }


def main() -> None:
    options = parse_options()
    arguments = estimator_arguments(options)
    print(json.dumps(arguments, indent=2))
    if not options.launch:
        print("Not started. --launch starts it.")
        return
    from sagemaker.huggingface import HuggingFace

    HuggingFace(**arguments).fit({"training": options.data}, wait=False)


def parse_options(arguments: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--role", required=True, help="ARN of the execution role")
    parser.add_argument("--data", required=True, help="s3:// address of a folder that prepare.py wrote")
    parser.add_argument("--checkpoints", required=True, help="s3:// address to keep checkpoints under")
    parser.add_argument("--instance", default="ml.p3.8xlarge", help="default: 4 × V100, as ko-reranker had")
    parser.add_argument("--hours", type=int, default=24, help="the job is ended after so long")
    parser.add_argument("--spot", action="store_true", help="cheaper instances that may be taken away")
    parser.add_argument("--launch", action="store_true")
    options = parser.parse_args(arguments)
    for name in ("data", "checkpoints"):
        if not getattr(options, name).startswith("s3://"):
            parser.error(f"--{name} is to be an s3:// address, not {getattr(options, name)}")
    return options


if __name__ == "__main__":
    main()
