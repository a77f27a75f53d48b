"""The cascade of MTCNN once more, one candidate at a time: written from the paper and the facts.

Nothing of zoo is used. Weights are a state dict in facenet-pytorch's names.
"""

import math

import torch
import torch.nn.functional as F


def prelu(state, name, x):
    return F.prelu(x, state[f"{name}.weight"])


def layer(state, name, x):
    weight, bias = state[f"{name}.weight"], state[f"{name}.bias"]
    return F.conv2d(x, weight, bias) if weight.dim() == 4 else F.linear(x, weight, bias)


def pooled(x, size):
    return F.max_pool2d(x, size, 2, ceil_mode=True)


def flat(x):
    """Columns, then rows, then channels."""
    numbers = [x[:, :, row, column] for column in range(3) for row in range(3)]
    return torch.cat(numbers, 1)


def pnet(state, x):
    x = pooled(prelu(state, "pnet.prelu1", layer(state, "pnet.conv1", x)), 2)
    x = prelu(state, "pnet.prelu2", layer(state, "pnet.conv2", x))
    x = prelu(state, "pnet.prelu3", layer(state, "pnet.conv3", x))
    return layer(state, "pnet.conv4_1", x).softmax(1)[0, 1], layer(state, "pnet.conv4_2", x)[0]


def rnet(state, x):
    x = pooled(prelu(state, "rnet.prelu1", layer(state, "rnet.conv1", x)), 3)
    x = pooled(prelu(state, "rnet.prelu2", layer(state, "rnet.conv2", x)), 3)
    x = prelu(state, "rnet.prelu3", layer(state, "rnet.conv3", x))
    x = prelu(state, "rnet.prelu4", layer(state, "rnet.dense4", flat(x)))
    return layer(state, "rnet.dense5_1", x).softmax(1)[0, 1], layer(state, "rnet.dense5_2", x)[0]


def onet(state, x):
    x = pooled(prelu(state, "onet.prelu1", layer(state, "onet.conv1", x)), 3)
    x = pooled(prelu(state, "onet.prelu2", layer(state, "onet.conv2", x)), 3)
    x = pooled(prelu(state, "onet.prelu3", layer(state, "onet.conv3", x)), 2)
    x = prelu(state, "onet.prelu4", layer(state, "onet.conv4", x))
    x = prelu(state, "onet.prelu5", layer(state, "onet.dense5", flat(x)))
    score = layer(state, "onet.dense6_1", x).softmax(1)[0, 1]
    return score, layer(state, "onet.dense6_2", x)[0], layer(state, "onet.dense6_3", x)[0]


def suppressed(found, threshold, end, smaller=False):
    """Greedy; ``found`` are (score, box, ...), of equal scores the first comes first."""
    left, kept = sorted(found, key=lambda one: -one[0]), []
    while left:
        best, left = left[0], left[1:]
        kept.append(best)
        left = [one for one in left if overlap(best[1], one[1], end, smaller) <= threshold]
    return kept


def overlap(a, b, end, smaller):
    width = max(min(a[2], b[2]) - max(a[0], b[0]) + end, 0)
    height = max(min(a[3], b[3]) - max(a[1], b[1]) + end, 0)
    area_a, area_b = ((x[2] - x[0] + end) * (x[3] - x[1] + end) for x in (a, b))
    common = width * height
    return common / (min(area_a, area_b) if smaller else area_a + area_b - common)


def square(box):
    x1, y1, x2, y2 = box
    side = max(x2 - x1, y2 - y1)
    left, top = x1 + (x2 - x1) / 2 - side / 2, y1 + (y2 - y1) / 2 - side / 2
    return [left, top, left + side, top + side]


def shifted(box, offsets, end):
    sides = (box[2] - box[0] + end, box[3] - box[1] + end)
    return [x + float(offsets[i]) * sides[i % 2] for i, x in enumerate(box)]


def cut(image, box, side):
    """None for a box beside the image."""
    left, top = (max(int(x), 1) - 1 for x in box[:2])
    right, bottom = min(int(box[2]), image.shape[3]), min(int(box[3]), image.shape[2])
    if right <= left or bottom <= top:
        return None
    return F.interpolate(image[:, :, top:bottom, left:right], (side, side), mode="area")


def plain_mtcnn(state, image, thresholds=(0.6, 0.7, 0.7), min_face=20, factor=0.709):
    """A normalised image (1, 3, H, W) to (score, box, points), the highest score first."""
    scale, found = 12 / min_face, []
    while min(image.shape[2:]) * scale >= 12:
        found += suppressed(level(state, image, scale, thresholds[0]), 0.5, end=0)
        scale *= factor
    boxes = [square(shifted(box, off, 0)) for _, box, off in suppressed(found, 0.7, end=0)]
    found = []
    for box in boxes:
        if (pixels := cut(image, box, 24)) is not None:
            score, offsets = rnet(state, pixels)
            if score > thresholds[1]:
                found.append((float(score), box, offsets))
    boxes = [square(shifted(box, off, 1)) for _, box, off in suppressed(found, 0.7, end=0)]
    return suppressed(faces(state, image, boxes, thresholds[2]), 0.7, end=1, smaller=True)


def level(state, image, scale, threshold):
    height, width = image.shape[2:]
    size = (int(height * scale + 1), int(width * scale + 1))
    scores, offsets = pnet(state, F.interpolate(image, size, mode="area"))
    found = []
    for row in range(scores.shape[0]):
        for column in range(scores.shape[1]):
            if scores[row, column] >= threshold:
                corners = (2 * column + 1, 2 * row + 1, 2 * column + 12, 2 * row + 12)
                box = [math.floor(x / scale) for x in corners]
                found.append((float(scores[row, column]), box, offsets[:, row, column]))
    return found


def faces(state, image, boxes, threshold):
    found = []
    for box in boxes:
        if (pixels := cut(image, box, 48)) is not None:
            score, offsets, ten = onet(state, pixels)
            if score > threshold:
                across, down = box[2] - box[0] + 1, box[3] - box[1] + 1
                points = [
                    (float(x) * across + box[0] - 1, float(y) * down + box[1] - 1)
                    for x, y in zip(ten[:5], ten[5:], strict=True)
                ]
                found.append((float(score), shifted(box, offsets, 1), points))
    return found
