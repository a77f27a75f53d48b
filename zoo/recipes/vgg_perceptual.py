"""The small VGG of pictures: learned from a network of ImageNet, or from the labels of CIFAR-10.

``vgg_perceptual.coco_free`` predicts the features of EfficientNet-Lite0 (extra ``distil``) on 65
photographs whose licences let one publish what is made of them; ``.cifar10_jpeg`` of
``vgg_perceptual_classifier`` needs no weights of others. Both are short runs for one CPU core.
"""

from dataclasses import replace
from functools import partial

from zoo.data.image.augment import chain, flip, shift
from zoo.data.image.augment_colour import channel_gains
from zoo.data.image.images import ImageSplits
from zoo.datasets import cifar10_jpeg as cifar
from zoo.datasets.coco_free import coco_free
from zoo.engine.loop_options import LoopOptions
from zoo.engine.schedule import linear, one_cycle, warm_up
from zoo.pretrained.efficientnet_lite import lite0_features
from zoo.recipes.common.fit_recipe import FitRecipe
from zoo.recipes.common.optimizers import ADAMW, NESTEROV
from zoo.recipes.common.recipe import Claim, recipe
from zoo.tasks.classification import ClassificationTask
from zoo.tasks.image_features import ImageFeaturesTask

PAIRS = {"block2": "2_2", "block4": "3_2", "block7": "4_1", "block10": "4_1"}
GOAL = "the goal of this zoo; nothing is published on these photographs"


@recipe("vgg_perceptual.coco_free")
def vgg_perceptual_coco_free() -> FitRecipe:
    """1,800 steps of 8 crops of 96 x 96; the score is on ten photographs that it has not seen."""
    return FitRecipe(
        name="vgg_perceptual.coco_free",
        arch="vgg_perceptual",
        data=coco_free,
        task=partial(
            ImageFeaturesTask,
            teacher=lite0_features,
            pairs=PAIRS,
            augment=channel_gains(),
        ),
        optimizer=ADAMW,
        lr=0.003,
        schedule=warm_up(over=100, then=linear()),
        batch_size=8,
        steps=1800,
        options=LoopOptions(
            watch="unexplained_variance",
            channels_last=True,
            precision="bfloat16",
            evaluate_every=600,
        ),
        claim=Claim("unexplained_variance", paper=0.43, within=0.0, source=GOAL, unit=""),
    )


def pictures() -> ImageSplits:
    """CIFAR-10's JPEG copy with values from 0 to 1, which the network standardises itself."""
    splits = cifar.cifar10_jpeg()
    plain = replace(splits.front_end, mean=(0.0,) * 3, std=(1.0,) * 3)
    return replace(splits, front_end=plain)


@recipe("vgg_perceptual_classifier.cifar10_jpeg")
def vgg_perceptual_classifier_cifar10_jpeg() -> FitRecipe:
    """Two epochs of the lossy JPEG copy of CIFAR-10 with shifts and flips."""
    return FitRecipe(
        name="vgg_perceptual_classifier.cifar10_jpeg",
        arch="vgg_perceptual_classifier",
        data=pictures,
        task=partial(
            ClassificationTask,
            augment=chain(shift(2), flip()),
        ),
        optimizer=NESTEROV,
        lr=0.1,
        schedule=one_cycle(rise=0.25),
        batch_size=64,
        steps=2 * 703,
        seeds=1,
        options=LoopOptions(channels_last=True, evaluate_every=703),
        claim=Claim("error", paper=22.5, within=0.0, source="the goal of this zoo"),
    )
