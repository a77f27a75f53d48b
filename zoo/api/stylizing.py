"""Neural style transfer: a photo's content in a painting's style.

>>> import zoo
>>> zoo.stylize("cat.jpg", "the_scream.jpg").save("out.png")  # doctest: +SKIP

Paper: Gatys, Ecker and Bethge 2016. Notes: course 4, week 4.
Proof: tests/api/test_stylizing.py.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import torch
import torch.nn.functional as F
from PIL import Image
from torch import Tensor, nn

from zoo.api.style_options import FEATURES, StyleOptions
from zoo.api.style_terms import LEAST, RELATIVE, check_options, style_shares, terms_of
from zoo.data.image.read import read
from zoo.data.image.write import save_image, to_image
from zoo.engine.interrupt import requests
from zoo.engine.log import Log
from zoo.errors import BadInput, note
from zoo.loading import choose_device
from zoo.nn.features import FeatureNetwork
from zoo.nn.plain_torch import plain_torch
from zoo.options import make_options
from zoo.pretrained.feature_network import feature_network
from zoo.trainers.style import colour
from zoo.trainers.style.memory import Memory, fitting_tile, free_bytes, need
from zoo.trainers.style.run import Progress, Row, Settings, resized, run

Watch = Callable[[int, Image.Image], None]
MULTIPLE = 16  # pixels: sides are filled up to a multiple while the picture is made
SHOWN = 20  # plain lines of a run


@dataclass(frozen=True)
class Stylized:
    """A picture.

    Attributes:
        image: RGB.
        history: of each step the weighted losses: "loss", and of it "content", "style" and
            "smoothness"; "height" of the picture then.
        memory: what was announced.
        seconds: of wall time.
        signal: which stopped it (2 for Ctrl-C); 0: all steps were made.
    """

    image: Image.Image
    history: list[Row]
    memory: Memory
    seconds: float
    signal: int = 0

    def save(self, path: str | Path) -> Path:
        """Write the picture; returns its path.

        Raises:
            BadInput: for a suffix that is none of an image.
            CannotWrite: if it cannot be written.
        """
        return save_image(self.image, path)


@plain_torch()
def stylize(
    content: Any,
    style: Any,
    *,
    features: str | nn.Module = FEATURES,
    device: str = "auto",
    show: bool = False,
    preview: int = 0,
    watch: Watch | None = None,
    **options: Any,
) -> Stylized:
    """Make a picture with the content of one and the style of another.

    Ctrl-C ends it after a step, with the picture so far (``signal``).

    Args:
        content: a path, PIL image, array or tensor.
        style: the same, or a list of several.
        features: the network: "vgg_perceptual" (small, comes with the zoo), "vgg19" (torchvision's
            weights, downloaded once: Gatys' layers and losses), or a ``FeatureNetwork``.
        show: a progress bar on a terminal, lines elsewhere, and the memory that is needed.
        preview: ``watch`` is called after each so many steps.
        watch: takes the step and the picture then.
        options: of ``zoo.api.style_options.StyleOptions``; ``zoo stylize --help`` lists them.

    Raises:
        BadInput: for an option out of range, or a picture that does not fit into the memory.
        UnknownName, Missing, BadFile: for a network, weights or an image that cannot be had.
        NotFinite: if the loss is not finite; the message names the step.
    """
    chosen = make_options("zoo.stylize", StyleOptions, options)
    made = prepare(features, chosen, device)
    return made(
        content, style if isinstance(style, list | tuple) else [style], show, preview, watch
    )


def prepare(features: str | nn.Module, chosen: StyleOptions, device: str = "auto") -> "Stylist":
    """The network, ready for any number of pictures."""
    where = choose_device(device)
    network: Any = feature_network(features) if isinstance(features, str) else features
    if not isinstance(network, FeatureNetwork):
        kind = type(network).__name__
        raise BadInput(f"features must be a name or a FeatureNetwork, got {kind}")
    return Stylist(on_device(network, where), chosen, where)


def on_device(network: Any, device: torch.device) -> FeatureNetwork:
    """The network itself, moved there."""
    moved: FeatureNetwork = network.to(device)
    return moved


class Stylist:
    """Makes pictures with one network and the same options.

    Raises:
        BadInput: for options out of range.
    """

    def __init__(
        self, network: FeatureNetwork, options: StyleOptions, device: torch.device
    ) -> None:
        self.network, self.options, self.device = network, options, device
        check_options(options)
        self.terms = terms_of(network, options)
        relative = self.terms.convention == RELATIVE
        levels = options.levels or (2 if relative else 1)
        names = ("steps", "optimizer", "learning_rate", "start", "seed")
        self.settings = Settings(levels=levels, **{k: vars(options)[k] for k in names})
        how = (options.optimizer, self.settings.history)
        self.need = need(network, self.terms, device, *how)

    def __call__(
        self,
        content: Any,
        styles: Sequence[Any],
        show: bool = False,
        preview: int = 0,
        watch: Watch | None = None,
    ) -> Stylized:
        """One picture; see ``stylize``."""
        began = time.perf_counter()
        if preview < 0:
            raise BadInput(f"preview must be at least 0, got {preview}")
        if not styles:
            raise BadInput("no style: give one picture or more")
        photo = fitted(_read(content), self.options.size).to(self.device)
        longer = round(self.options.size * self.options.style_scale)
        paintings = [fitted(_read(one), longer).to(self.device) for one in styles]
        shares = style_shares(self.options.style_weights, len(paintings))
        settings, memory = self._fit(photo)
        if show:
            tiles = "" if settings.tile is None else f", in tiles of {settings.tile} pixels"
            note(f"{photo.shape[3]} x {photo.shape[2]} pixels need {memory}{tiles}")
        filled, paintings = _coloured(_filled(photo), paintings, self.options.keep_colour)
        log = Log(show=show, title="stylize")
        with requests() as request:

            def after(progress: Progress) -> bool:
                _tell(log, progress)
                if watch is not None and preview and progress.step % preview == 0:
                    watch(progress.step, self._image(progress.picture, photo))
                return bool(request.number)

            log.begin(0, settings.steps)
            try:
                made = run(self.network, self.terms, filled, paintings, shares, settings, after)
            finally:
                log.end()
        image = self._image(made.picture, photo)
        seconds = time.perf_counter() - began
        return Stylized(image, made.history, memory, seconds, request.number if made.stopped else 0)

    def _fit(self, photo: Tensor) -> tuple[Settings, Memory]:
        """The settings with tiles if need be, and the memory that is needed."""
        height, width = (-(-side // MULTIPLE) * MULTIPLE for side in photo.shape[2:])
        tile = self.options.tile
        if tile is None:
            tile = fitting_tile(self.need, height, width, free_bytes(self.device))
        tile = tile or None
        return replace(self.settings, tile=tile), self.need.of(height, width, tile)

    def _image(self, picture: Tensor, photo: Tensor) -> Image.Image:
        """What is shown of a picture of any level, in the size of the photo."""
        height, width = photo.shape[2:]
        full = (-(-height // MULTIPLE) * MULTIPLE, -(-width // MULTIPLE) * MULTIPLE)
        whole = resized(picture.detach(), full)[..., :height, :width]
        if self.options.keep_colour == "luminance":
            whole = colour.with_luminance(photo, whole)
        return to_image(whole[0])


def _tell(log: Log, progress: Progress) -> None:
    log.advance(progress.step)
    every = max(progress.steps // SHOWN, 1)
    if progress.step % every == 0 or progress.step == progress.steps:
        log.write(progress.step, **progress.losses)


# ---- pictures -----------------------------------------------------------------------------------


def _read(raw: Any) -> Tensor:
    """(1, 3, H, W) in [0, 1]."""
    return read(raw).float().div(255)[None]


def picture_of(raw: Any, longer: int) -> Image.Image:
    """An image as the run has it: its longer side made ``longer`` pixels."""
    return to_image(fitted(_read(raw), longer)[0])


def fitted(image: Tensor, longer: int) -> Tensor:
    """(1, 3, H, W) with the longer side made ``longer`` pixels.

    Raises:
        BadInput: if the shorter side would have fewer than 16 pixels.
    """
    height, width = image.shape[2:]
    scale = longer / max(height, width)
    size = (round(height * scale), round(width * scale))
    if min(size) < LEAST:
        raise BadInput(
            f"an image of {width} x {height} pixels would have {size[1]} x {size[0]}; its shorter "
            f"side needs {LEAST}: use a larger size, or cut it"
        )
    return resized(image, size).clamp(0, 1)


def _filled(photo: Tensor) -> Tensor:
    """With its sides filled up to a multiple of 16, mirrored: every layer then sees all of it."""
    height, width = photo.shape[2:]
    return F.pad(photo, (0, -width % MULTIPLE, 0, -height % MULTIPLE), mode="reflect")


def _coloured(photo: Tensor, paintings: list[Tensor], keep: str) -> tuple[Tensor, list[Tensor]]:
    """What the run is given so that the colours of the photo stay."""
    if keep == "luminance":
        grey = colour.luminance(photo)
        return grey, [colour.match_luminance(one, photo) for one in paintings]
    if keep == "histogram":
        return photo, [colour.match_colours(one, photo) for one in paintings]
    return photo, paintings
