"""LeNet-5 and AlexNet in PyTorch, as `bench lenet` and `bench alexnet` build them."""
from torch import nn


def lenet5():
    """LeNet-5 with ReLU and max pooling; images are [batch, 1, 28, 28], outputs are logits."""
    return nn.Sequential(
        nn.Conv2d(1, 6, 5, padding=2), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(6, 16, 5), nn.ReLU(), nn.MaxPool2d(2),
        nn.Flatten(),
        nn.Linear(400, 120), nn.ReLU(), nn.Linear(120, 84), nn.ReLU(), nn.Linear(84, 10))


def alexnet(towers):
    """AlexNet (Krizhevsky et al. 2012); images are [batch, 3, 227, 227], outputs are logits.

    Two towers mean two groups in the second, fourth and fifth convolution; one tower means none.
    PyTorch divides alpha by the window size 5, so the paper's 1e-4 becomes 5e-4.
    """
    def initialized(layer, bias):
        nn.init.normal_(layer.weight, std=0.01)
        nn.init.constant_(layer.bias, bias)
        return layer

    def convolution(inputs, outputs, kernel, bias, **settings):
        return [initialized(nn.Conv2d(inputs, outputs, kernel, **settings), bias), nn.ReLU(inplace=True)]

    def dense(inputs, outputs, bias):
        return initialized(nn.Linear(inputs, outputs), bias)

    def normalization():
        return nn.LocalResponseNorm(5, alpha=5e-4, beta=0.75, k=2)

    net = nn.Sequential(
        *convolution(3, 96, 11, 0, stride=4), normalization(), nn.MaxPool2d(3, 2),
        *convolution(96, 256, 5, 1, padding=2, groups=towers), normalization(), nn.MaxPool2d(3, 2),
        *convolution(256, 384, 3, 0, padding=1),
        *convolution(384, 384, 3, 1, padding=1, groups=towers),
        *convolution(384, 256, 3, 1, padding=1, groups=towers), nn.MaxPool2d(3, 2),
        nn.Flatten(),
        dense(9216, 4096, 1), nn.ReLU(inplace=True), nn.Dropout(0.5),
        dense(4096, 4096, 1), nn.ReLU(inplace=True), nn.Dropout(0.5),
        dense(4096, 1000, 0))
    assert sum(p.numel() for p in net.parameters()) == {1: 62_378_344, 2: 60_965_224}[towers]
    return net
