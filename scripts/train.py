"""Train a network without the command line: model, data, task, optimizer, fit.

python scripts/train.py
"""

import torch

import zoo
from zoo.datasets.digits import digits
from zoo.engine.fit import fit
from zoo.engine.schedule import one_cycle
from zoo.tasks.classification import ClassificationTask


def main(steps: int = 300) -> float:
    """Train the notes' one-hidden-layer network on 8x8 digits; its test error in percent."""
    torch.manual_seed(0)
    task = ClassificationTask(
        zoo.create_model("shallow_net", image_size=8, hidden_size=64), digits(), batch_size=64
    )
    optimizer = torch.optim.SGD(task.model.parameters(), lr=0.1, momentum=0.9, weight_decay=1e-3)
    rate = one_cycle()
    fit(task, optimizer, lambda step: 0.1 * rate(step, steps), steps)
    return task.evaluate("test")["error"]


if __name__ == "__main__":
    print(f"test error {main():.2f} %")
