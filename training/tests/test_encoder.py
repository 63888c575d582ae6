import pytest
import torch

from lib.encoder import EncoderConfig, MiniEncoder
from lib.optimizers import make_optimizers, orthogonal

SMALL = EncoderConfig(
    hidden_size=32, num_hidden_layers=2, num_attention_heads=2, intermediate_size=64, vocab_size=60, max_length=24,
    max_position_embeddings=24,
)  # fmt: skip


def inputs(batch: int = 3, tokens: int = 12):
    generator = torch.Generator().manual_seed(1)
    ids = torch.randint(4, 60, (batch, tokens), generator=generator)
    mask = torch.ones_like(ids, dtype=torch.bool)
    mask[0, 7:] = False
    return torch.where(mask, ids, 1), torch.ones_like(ids) * mask, mask


def test_the_last_layer_for_the_first_token_alone_gives_the_same():
    model = MiniEncoder(SMALL, 0.0).eval()
    ids, types, mask = inputs()
    assert torch.allclose(model.hidden(ids, types, mask)[:, :1], model.hidden(ids, types, mask, True), atol=1e-6)


def test_padding_changes_no_logit():
    model = MiniEncoder(SMALL, 0.0).eval()
    ids, types, mask = inputs()
    alone = model(ids[:1, :7], types[:1, :7], mask[:1, :7])
    assert torch.allclose(model(ids, types, mask)[0], alone[0], atol=1e-5)


def test_a_checkpoint_comes_back_as_it_was(tmp_path):
    model = MiniEncoder(SMALL, 0.0).eval()
    model.save(tmp_path)
    again = MiniEncoder.load(tmp_path).eval()
    assert again.config == SMALL
    assert torch.equal(model(*inputs()), again(*inputs()))


def test_room_for_more_tokens_changes_nothing_for_short_pairs(tmp_path):
    model = MiniEncoder(SMALL, 0.0).eval()
    model.save(tmp_path)
    longer = MiniEncoder.load(tmp_path, max_length=40).eval()
    assert longer.config.max_position_embeddings == 40
    assert torch.equal(model(*inputs()), longer(*inputs()))
    longer(*inputs(tokens=40))


@pytest.mark.parametrize("shape", [(3, 48, 64), (2, 32, 128), (2, 128, 32)])
def test_orthogonal_directions_have_singular_values_near_one(shape):
    values = torch.linalg.svdvals(orthogonal(torch.randn(shape, generator=torch.Generator().manual_seed(1))))
    assert values.min() > 0.5 and values.max() < 1.3


def test_muon_takes_the_layers_matrices_and_adamw_the_rest():
    model = MiniEncoder(SMALL)
    adam, muon = make_optimizers(model, "muon", lr=1e-3, weight_decay=0.01)
    taken = {id(p) for p in muon.param_groups[0]["params"]}
    names = {name for name, parameter in model.named_parameters() if id(parameter) in taken}
    assert all(name.endswith(("query.weight", "key.weight", "value.weight", "dense.weight")) for name in names)
    assert len(names) == 6 * SMALL.num_hidden_layers + 1
    others = sum(len(group["params"]) for group in adam.param_groups)
    assert others + len(names) == len(list(model.parameters()))
