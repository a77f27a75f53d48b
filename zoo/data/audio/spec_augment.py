"""SpecAugment: some frames and some bands of the features become the mean, which is zero.

Park et al. 2019, arXiv:1904.08779, sec. 2. Its time warp, which gives the least there (sec. 5), is
left out.
Deviations: a time mask stays inside its utterance's own length, of which it covers at most a share.
Proof: tests/data/audio/test_spec_augment.py.
"""

import torch
from torch import Tensor

from zoo.errors import BadInput


def spec_augment(
    features: Tensor,
    lengths: Tensor,
    draw: torch.Generator,
    time_masks: int = 2,
    time_mask: int = 40,
    time_share: float = 0.2,
    freq_masks: int = 2,
    freq_mask: int = 8,
) -> Tensor:
    """Features (N, T, D) of utterances of any lengths, with masks.

    Args:
        lengths: (N,) frames of each utterance; masks stay inside them.
        time_masks, time_mask: how many masks of frames, and the most frames that one covers, ...
        time_share: ... which are at most this share of the utterance (p of sec. 2).
        freq_masks, freq_mask: how many masks of bands, and the most bands that one covers.

    Raises:
        BadInput: if a mask covers more bands than there are, or lengths are not (N,).
    """
    count, time, bands = features.shape
    if lengths.shape != (count,) or freq_mask > bands:
        raise BadInput(
            f"features {tuple(features.shape)}, lengths {tuple(lengths.shape)}, masks of "
            f"{freq_mask} bands; expected a length for each and at most {bands} bands"
        )
    lengths = lengths.cpu().clamp(max=time)
    widest = (lengths * time_share).long().clamp(max=time_mask)
    frames = _drawn(lengths, widest, time_masks, draw)
    whole, wide = torch.full((count,), bands), torch.full((count,), freq_mask)
    return masked(features, frames, _drawn(whole, wide, freq_masks, draw))


def spec_augment_streams(
    features: Tensor, draw: torch.Generator, time_mask: int, freq_mask: int
) -> Tensor:
    """Features (N, T, D) of streams of one length, each with one mask of frames and one of bands.

    Args:
        time_mask, freq_mask: the most frames and the most bands that one covers.
    """
    _, time, bands = features.shape
    drawn = []
    for _ in features:  # stream by stream: a longer batch begins with the masks of a shorter one
        wide, long = _pick(freq_mask, draw), _pick(time_mask, draw)
        first, begin = _pick(bands - wide, draw), _pick(time - long, draw)
        drawn.append((begin, long, first, wide))
    places = torch.tensor(drawn).view(-1, 4, 1)
    return masked(features, (places[:, 0], places[:, 1]), (places[:, 2], places[:, 3]))


def masked(features: Tensor, frames: tuple[Tensor, Tensor], bands: tuple[Tensor, Tensor]) -> Tensor:
    """Features (N, T, D) that are zero where a mask lies.

    Args:
        frames: first frame and number of frames of each mask, (N, masks) both.
        bands: the same of bands.
    """
    times = _covered(*frames, features.shape[1])  # (N, T)
    rows = _covered(*bands, features.shape[2])  # (N, D)
    covered = times[:, :, None] | rows[:, None]
    return features.masked_fill(covered.to(features.device), 0.0)


def _covered(start: Tensor, width: Tensor, size: int) -> Tensor:
    """Which of ``size`` places some mask covers: (N, size)."""
    at = torch.arange(size)[:, None]
    return ((at >= start[:, None]) & (at < (start + width)[:, None])).any(-1)


def _drawn(
    lengths: Tensor, widest: Tensor, masks: int, draw: torch.Generator
) -> tuple[Tensor, Tensor]:
    """Where masks begin and how wide they are, (N, masks); widths are even over 0..widest."""
    drawn = torch.rand(2, len(lengths), masks, dtype=torch.float64, generator=draw)
    width = (drawn[0] * (widest + 1)[:, None]).long()
    start = (drawn[1] * (lengths[:, None] - width + 1)).long()
    return start, width


def _pick(most: int, draw: torch.Generator) -> int:
    return int(torch.randint(most + 1, (), generator=draw))
