"""Masks over frames and bands: where they lie, how wide they are, what they leave alone."""

import pytest
import torch

from zoo.data.audio.spec_augment import spec_augment, spec_augment_streams
from zoo.engine.seed import generator
from zoo.errors import BadInput


def masks(count=400, time=100, bands=40, lengths=None, **options):
    features = torch.ones(count, time, bands)
    lengths = torch.full((count,), time) if lengths is None else lengths
    return spec_augment(features, lengths, generator("masks"), **options) == 0


def test_a_time_mask_covers_whole_frames_up_to_its_width():
    masked = masks(time_masks=1, time_mask=10, time_share=1.0, freq_masks=0)
    assert torch.equal(masked.any(-1), masked.all(-1))
    widths = masked[:, :, 0].sum(-1)
    assert set(widths.tolist()) == set(range(11))
    starts = masked[widths > 0][:, :, 0].float().argmax(-1)
    assert starts.min() < 5
    assert starts.max() > 90
    edges = masked[:, :, 0].int().diff(prepend=torch.zeros(400, 1), append=torch.zeros(400, 1))
    assert (edges.clamp(min=0).sum(-1) <= 1).all()  # one stretch


def test_a_band_mask_covers_bands_for_all_of_the_time():
    masked = masks(time_masks=0, freq_masks=1, freq_mask=6)
    assert torch.equal(masked.any(1), masked.all(1))
    assert set(masked[:, 0].sum(-1).tolist()) == set(range(7))
    assert masked[:, 0].any(0).all()  # every band some time


def test_masks_never_leave_an_utterance_and_cover_a_share_of_it_at_most():
    lengths = torch.arange(400) % 101
    masked = masks(lengths=lengths, time_masks=1, time_mask=50, time_share=0.2, freq_masks=0)
    outside = torch.arange(100) >= lengths[:, None]
    assert not masked[:, :, 0][outside].any()
    width = masked[:, :, 0].sum(-1)
    assert (width <= lengths * 0.2).all()
    assert (width == (lengths * 0.2).long())[lengths > 20].any()
    last = masked[torch.arange(400), (lengths - 1).clamp(min=0), 0]
    assert last.any()  # but they may reach the end


def test_many_masks_overlap_freely():
    masked = masks(time_masks=3, time_mask=10, time_share=1.0, freq_masks=2, freq_mask=6)
    whole_frames, whole_bands = masked.all(-1).sum(-1), masked.all(1).sum(-1)
    assert 20 < whole_frames.max() <= 30
    assert 8 < whole_bands.max() <= 12


def test_one_mask_of_each_kind_for_each_stream():
    features = torch.ones(300, 50, 40)
    zeros = spec_augment_streams(features, generator(0), time_mask=12, freq_mask=6) == 0
    bands, times = zeros.all(1), zeros.all(2)
    assert torch.equal(zeros, bands[:, None] | times[:, :, None])
    assert set(bands.sum(1).tolist()) == set(range(7))
    assert set(times.sum(1).tolist()) == set(range(13))
    assert torch.equal(features, torch.ones(300, 50, 40))
    few = spec_augment_streams(features[:7], generator(0), time_mask=12, freq_mask=6) == 0
    assert torch.equal(few, zeros[:7])


def test_no_masks_leave_the_features_as_they_are():
    features = torch.randn(3, 20, 10, generator=generator(0))
    assert torch.equal(spec_augment_streams(features, generator(1), 0, 0), features)
    lengths = torch.tensor([20, 4, 0])
    made = spec_augment(features, lengths, generator(1), time_mask=0, freq_mask=0)
    assert torch.equal(made, features)


def test_the_draws_are_the_generators():
    features, lengths = torch.ones(4, 60, 40), torch.tensor([60, 40, 20, 0])
    first, again, other = (spec_augment(features, lengths, generator(n)) for n in (0, 0, 1))
    assert torch.equal(first, again)
    assert not torch.equal(first, other)


@pytest.mark.parametrize(("lengths", "freq_mask"), [([9, 9, 9], 4), ([9, 9], 41)])
def test_what_does_not_fit_is_refused(lengths, freq_mask):
    with pytest.raises(BadInput, match="expected a length for each and at most 40 bands"):
        spec_augment(torch.ones(2, 9, 40), torch.tensor(lengths), generator(0), freq_mask=freq_mask)
