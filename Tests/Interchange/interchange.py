"""Runs a listing of WeightsInPython.md on a model of this package, then trains and saves a model with it.

    python interchange.py pytorch|keras ARTICLES FOLDER

ARTICLES is the folder of the articles. FOLDER holds lenet5.safetensors and images.safetensors (`images`,
[batch, 28, 28, 1], and `labels`, [batch]). The script adds theirs.safetensors, a model that the framework has
trained for a few steps, and probabilities.safetensors with the framework's predictions: `ours` for
lenet5.safetensors, `theirs` for theirs.safetensors.
"""

import os
import sys

import numpy
from safetensors.numpy import load_file, save_file

from listings import run


def train_pytorch(net, images, labels):
    import torch

    optimizer = torch.optim.SGD(net.parameters(), lr=0.01)
    for _ in range(5):
        optimizer.zero_grad()
        torch.nn.functional.cross_entropy(net(images), torch.from_numpy(labels)).backward()
        optimizer.step()


def train_keras(net, images, labels):
    net.compile(optimizer="sgd", loss="sparse_categorical_crossentropy")
    net.fit(images, labels, epochs=5, batch_size=len(labels), verbose=0)


def main():
    framework, articles, folder = sys.argv[1:]
    os.chdir(folder)
    data = load_file("images.safetensors")
    images, labels = data["images"], data["labels"].astype(numpy.int64)
    if framework == "pytorch":
        import torch

        torch.manual_seed(1)
        images = torch.from_numpy(images.transpose(0, 3, 1, 2).copy())
    names = {}
    run(os.path.join(articles, "WeightsInPython.md"), f"weights_{framework}.py", names)
    ours = numpy.array(names["predict"](images))

    (train_pytorch if framework == "pytorch" else train_keras)(names["net"], images, labels)
    names["save"]("theirs.safetensors")
    theirs = numpy.array(names["predict"](images))
    save_file({"ours": ours, "theirs": theirs}, "probabilities.safetensors")


main()
