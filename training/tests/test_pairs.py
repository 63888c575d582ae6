import numpy as np
from tokenizers import Tokenizer

from lib.pairs import GroupData, PairEncoder, PairFormat, Shown, parts


def encoder(folder, **limits) -> PairEncoder:
    return PairEncoder(Tokenizer.from_file(str(folder / "tokenizer.json")), PairFormat(**limits))


def test_marks_say_the_side_and_what_the_other_side_holds_too(tokenizer_folder):
    pair = encoder(tokenizer_folder).join(np.array([7, 8]), np.array([8, 9, 8]))
    assert pair.ids.tolist() == [0, 7, 8, 2, 8, 9, 8, 2]
    assert pair.types.tolist() == [0, 1, 2, 0, 4, 3, 4, 0]


def test_without_marks_types_say_the_side_alone(tokenizer_folder):
    pair = encoder(tokenizer_folder, match_marks=False).join(np.array([7, 8]), np.array([8, 9]))
    assert pair.types.tolist() == [0, 1, 1, 0, 3, 3, 0]


def test_limits_cut_the_query_first_and_then_the_document(tokenizer_folder):
    pair = encoder(tokenizer_folder, max_length=8, max_query_length=2).join(np.arange(4, 9), np.arange(10, 20))
    assert pair.ids.tolist() == [0, 4, 5, 2, 10, 11, 12, 2]


def test_the_hubs_format_has_two_separators(tokenizer_folder):
    read = encoder(tokenizer_folder, cls=50, sep=51, middle_separators=2, match_marks=None)
    pair = read.join(np.array([7]), np.array([8]))
    assert pair.ids.tolist() == [50, 7, 51, 51, 8, 51]
    assert pair.types.tolist() == [0, 0, 0, 0, 1, 1]


def test_parts_hold_every_pair_once_and_no_more_tokens_than_allowed(tokenizer_folder):
    read = encoder(tokenizer_folder)
    pairs = [read.join(np.arange(4, 6), np.arange(4, 4 + size)) for size in (9, 1, 5, 30, 2, 2)]
    seen = []
    for part in parts(pairs, most_tokens=40):
        assert part.ids.numel() <= 40 or len(part.ids) == 1
        for row, place in enumerate(part.places.tolist()):
            seen.append(place)
            assert part.ids[row][part.mask[row]].tolist() == pairs[place].ids.tolist()
    assert sorted(seen) == list(range(6))


def test_a_step_is_the_same_after_a_restart_and_each_epoch_another_order(tokenizer_folder, prepared):
    def drawn(number: int) -> list[list[list[int]]]:
        data = GroupData(prepared, encoder(tokenizer_folder), written_repeats=1, shown=Shown(0.5, 0.5), seed=3)
        return [[pair.ids.tolist() for pair in group] for group in data.groups(number, 12, 3)]

    assert drawn(0) == drawn(0)
    assert drawn(0) != drawn(1)
    first, second = ({tuple(group[0][1:3]) for group in drawn(epoch)} for epoch in (0, 1))
    assert first == second


def test_written_questions_come_as_often_as_asked(tokenizer_folder, prepared):
    assert len(GroupData(prepared, encoder(tokenizer_folder), written_repeats=4, shown=Shown(), seed=1)) == 6 + 4 * 6


def test_joined_passages_are_longer_and_never_bring_the_right_one_to_a_wrong_one(tokenizer_folder, prepared):
    read = encoder(tokenizer_folder)
    plain = GroupData(prepared, read, written_repeats=1, shown=Shown(0, 0), seed=3).groups(0, 12, 3)
    joined = GroupData(prepared, read, written_repeats=1, shown=Shown(0, 1), seed=3).groups(0, 12, 3)
    for before, after in zip(plain, joined, strict=True):
        right = before[0].ids[list(before[0].ids).index(2) + 1 : -1].tolist()
        for pair in after[1:]:
            ids = pair.ids.tolist()
            assert not any(ids[at : at + len(right)] == right for at in range(len(ids)))
        assert all(len(long.ids) > len(short.ids) for short, long in zip(before, after, strict=True))
