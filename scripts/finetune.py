"""Put a new head on shipped weights and train it on a folder of pictures, one folder per class.

python scripts/finetune.py FOLDER
"""

import sys

import torch

import zoo
from zoo.data.folder import picture_folder
from zoo.data.front_end import PictureFrontEnd
from zoo.engine.fit import fit
from zoo.tasks.classify import Classify


def main(folder: str, steps: int = 200) -> dict[str, float]:
    """Fine-tune LeNet-5 from MNIST on ``folder``; its scores on the pictures held out."""
    torch.manual_seed(0)
    front_end = PictureFrontEnd.from_card(zoo.card("lenet5.mnist").front_end)
    data = picture_folder(folder, front_end)
    model = zoo.create_model("lenet5.mnist", num_classes=len(data.train.classes))
    task = Classify(model, data, batch_size=16)
    optimizer = torch.optim.AdamW(model.parameters(), lr=0.001)
    fit(task, optimizer, lambda step: 0.001, steps)
    return task.evaluate("test")


if __name__ == "__main__":
    print(main(sys.argv[1]))
