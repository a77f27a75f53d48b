"""Put a new head on shipped weights and train it on your pictures: a folder per class, or a CSV.

python scripts/finetune.py FOLDER_OR_CSV
"""

import sys
from pathlib import Path

import torch

import zoo
from zoo.data.image.preprocess import PictureFrontEnd
from zoo.data.own.classification import own_data
from zoo.engine.finetune import Thaw, Tuning
from zoo.engine.fit import fit
from zoo.tasks.classification import ClassificationTask


def main(path: str, steps: int = 200) -> dict[str, float]:
    """Fine-tune LeNet-5 from MNIST on ``path``; its scores on the pictures held out."""
    torch.manual_seed(0)
    front_end = PictureFrontEnd.from_card(zoo.card("lenet5.mnist").front_end)
    data = own_data(Path(path), front_end)
    model = zoo.create_model("lenet5.mnist", num_classes=len(data.train.classes))
    task = ClassificationTask(model, data, batch_size=16, balance=True)
    # the head alone for a fifth of the steps, then all; each block at half the rate of the next
    thaw = Thaw(model.blocks(), Tuning(alone=0.2, decay=0.5), steps)
    optimizer = torch.optim.AdamW(thaw.groups())
    fit(task, optimizer, lambda step: 0.003, steps, thaw=thaw)
    return task.evaluate("test")


if __name__ == "__main__":
    print(main(sys.argv[1]))
