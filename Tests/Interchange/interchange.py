"""Runs the README's lines for PyTorch or Keras on a model of this package, then saves one of theirs with them.

    python interchange.py pytorch|keras README.md FOLDER

FOLDER holds lenet5.safetensors and images.safetensors (`images`, [batch, 28, 28, 1], and `labels`, [batch]).
It gets theirs.safetensors, a model that the framework has trained for some steps, and probabilities.safetensors
with what the framework answers: `ours` for lenet5.safetensors, `theirs` for theirs.safetensors.
"""

import os
import re
import sys

import numpy
from safetensors.numpy import load_file, save_file


def readme_lines(readme, framework):
    """The README's one block of Python that imports the framework."""
    package = {"pytorch": "torch", "keras": "keras"}[framework]
    with open(readme, encoding="utf-8") as file:
        blocks = re.findall(r"```python\n(.*?)```", file.read(), re.DOTALL)
    (lines,) = [block for block in blocks if f"import {package}\n" in block]
    return lines


def train_pytorch(net, images, labels):
    import torch

    optimizer = torch.optim.SGD(net.parameters(), lr=0.01)
    for _ in range(5):
        optimizer.zero_grad()
        torch.nn.functional.nll_loss(net(images).log(), torch.from_numpy(labels)).backward()
        optimizer.step()


def train_keras(net, images, labels):
    net.compile(optimizer="sgd", loss="sparse_categorical_crossentropy")
    net.fit(images, labels, epochs=5, batch_size=len(labels), verbose=0)


def as_list(tensor):
    """Of numbers, from a tensor of either framework."""
    return (tensor.detach() if hasattr(tensor, "detach") else tensor.numpy()).tolist()


def main():
    framework, readme, folder = sys.argv[1:]
    lines = readme_lines(readme, framework)
    os.chdir(folder)
    data = load_file("images.safetensors")
    images, labels = data["images"], data["labels"].astype(numpy.int64)
    if framework == "pytorch":
        import torch

        torch.manual_seed(1)
        images = torch.from_numpy(images.transpose(0, 3, 1, 2).copy())
    names = {"images": images}
    exec(compile(lines, "README.md", "exec"), names)
    ours = numpy.array(as_list(names["probabilities"]), dtype=numpy.float32)

    net = names["net"]
    (train_pytorch if framework == "pytorch" else train_keras)(net, images, labels)
    names["save"]("theirs.safetensors")
    theirs = numpy.array(as_list(net(images)), dtype=numpy.float32)
    save_file({"ours": ours, "theirs": theirs}, "probabilities.safetensors")


main()
