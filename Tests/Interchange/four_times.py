"""Runs a program of TheSameNetworkFourTimes.md, then gives its network the weights of this package.

    python four_times.py tensorflow1|keras|pytorch ARTICLES FOLDER

ARTICLES is the folder of the articles. FOLDER holds lenet5.safetensors and batch.safetensors (`images`,
[batch, 28, 28, 1], multiples of 1/255, and one-hot `labels`, [batch, 10]). The script adds results.safetensors:
`probabilities`, the predictions with these weights, and the parameters after one update by the program's Adam
on the batch, under the names and in the layouts of lenet5.safetensors.
"""

import os
import sys

import numpy
from safetensors.numpy import load_file, save_file

from listings import listing, run

NAMES = [
    f"{layer}.{part}"
    for layer in ["conv1", "conv2", "dense1", "dense2", "dense3"]
    for part in ["kernel", "bias"]
]


def write_digits(article, images, labels):
    """The module `digits` and its file, with the batch as training and as test images."""
    with open("digits.py", "w", encoding="utf-8") as file:
        file.write(listing(article, "digits.py"))
    sys.path.insert(0, os.getcwd())
    pixels = numpy.rint(images[..., 0] * 255).astype(numpy.uint8)
    classes = labels.argmax(1).astype(numpy.uint8)
    numpy.savez("mnist.npz", x_train=pixels, y_train=classes, x_test=pixels, y_test=classes)


def tensorflow1(articles, names, images, labels):
    session, tf = names["session"], names["tf"]
    # The program has trained: this resets the state of Adam.
    session.run(tf.global_variables_initializer())
    file = load_file("lenet5.safetensors")
    variables = tf.trainable_variables()
    for name, variable in zip(NAMES, variables, strict=True):
        variable.load(file[name], session)
    feeds = {names["x"]: images, names["y"]: labels}
    probabilities = session.run(names["probabilities"], feeds)
    session.run(names["train"], feeds)
    return probabilities, dict(zip(NAMES, session.run(variables)))


def keras(articles, names, images, labels):
    model = names["model"]
    weights = {}
    run(os.path.join(articles, "WeightsInPython.md"), "weights_keras.py", weights)
    weights["net"] = model
    weights["load"]("lenet5.safetensors")
    probabilities = weights["predict"](images)
    fresh = type(model.optimizer).from_config(model.optimizer.get_config())
    model.compile(optimizer=fresh, loss=model.loss)
    model.train_on_batch(images, labels)
    weights["save"]("updated.safetensors")
    return probabilities, load_file("updated.safetensors")


def pytorch(articles, names, images, labels):
    torch, net, optimizer = names["torch"], names["net"], names["optimizer"]
    weights = {}
    run(os.path.join(articles, "WeightsInPython.md"), "weights_pytorch.py", weights)
    weights["net"] = net
    weights["load"]("lenet5.safetensors")
    images = names["tensor"](images)
    probabilities = weights["predict"](images).numpy()
    optimizer.state.clear()
    for group in optimizer.param_groups:
        # The epsilon that counts as much as 1e-7 does in the other programs, in the first update.
        group["eps"] = 1e-7 / (1 - group["betas"][1]) ** 0.5
    optimizer.zero_grad()
    names["loss"](net(images), torch.from_numpy(labels)).backward()
    optimizer.step()
    weights["save"]("updated.safetensors")
    return probabilities, load_file("updated.safetensors")


def main():
    framework, articles, folder = sys.argv[1:]
    os.chdir(folder)
    batch = load_file("batch.safetensors")
    images, labels = batch["images"], batch["labels"]
    article = os.path.join(articles, "TheSameNetworkFourTimes.md")
    write_digits(article, images, labels)
    program, results = {
        "tensorflow1": ("tensorflow1.py", tensorflow1),
        "keras": ("keras_lenet5.py", keras),
        "pytorch": ("pytorch_lenet5.py", pytorch),
    }[framework]
    names = {}
    run(article, program, names)
    probabilities, parameters = results(articles, names, images, labels)
    save_file({"probabilities": probabilities} | parameters, "results.safetensors")


main()
