"""Prints, as JSON, how PyTorch trains the networks that PyTorchTests.swift trains: the mean loss before each of ten steps on all
images at once, in double precision.

pytorch.json is the output with PyTorch 2.15.0:
    python3 pytorch.py > pytorch.json
"""

import json
import math

import torch
from torch.nn import functional

SIZE, CLASSES, STEPS = 12, 10, 10


class Numbers:
    """A linear congruential generator; each number is its upper bits."""

    def __init__(self):
        self.state = 1

    def draw(self):
        self.state = (self.state * 1664525 + 1013904223) % 2**32
        return self.state >> 8

    def vector(self, count, scale, offset=0.0):
        """Numbers around `offset`, exact in single precision."""
        values = [offset + (self.draw() * 2.0**-24 - 0.5) * scale for _ in range(count)]
        return torch.tensor(values, dtype=torch.float32).double()

    def weights(self, *dimensions):
        """For as many inputs as all dimensions but the last, about as large as He's initialisation makes them."""
        inputs = math.prod(dimensions[:-1])
        scale = 2.0 ** math.floor(math.log2(24 / inputs) / 2)
        return self.vector(inputs * dimensions[-1], scale).reshape(dimensions)

    def bias(self, count):
        return self.vector(count, 0.125)


class Plain:
    """conv 8 3x3 pad 1 relu; maxpool 2; conv 16 3x3 relu; dense 24 relu; dense 10"""

    images = 32

    def __init__(self, numbers):
        self.weights, self.others = [], []
        for dimensions in ((3, 3, 1, 8), (3, 3, 8, 16), (256, 24), (24, 10)):
            self.weights.append(numbers.weights(*dimensions))
            self.others.append(numbers.bias(dimensions[-1]))

    def __call__(self, x):
        w, b = self.weights, self.others
        x = functional.relu(convolve(x, w[0], b[0], padding=1))
        x = functional.max_pool2d(x, 2)
        x = functional.relu(convolve(x, w[1], b[1]))
        x = x.permute(0, 2, 3, 1).flatten(1)
        return functional.relu(x @ w[2] + b[2]) @ w[3] + b[3]


class Residual:
    """conv 8 3x3 pad 1; batchnorm relu as a; conv 8 3x3 pad 1; batchnorm; add a relu; avgpool 2;
    conv 16 3x3 stride 2 pad 1; batchnorm relu; globalavgpool; dense 10"""

    # A shard: the statistics of batch normalisation are those of a shard.
    images = 16

    def __init__(self, numbers):
        self.weights, self.others = [], []
        for dimensions in ((3, 3, 1, 8), (3, 3, 8, 8), (3, 3, 8, 16)):
            self.weights.append(numbers.weights(*dimensions))
            self.others.append(numbers.vector(dimensions[-1], 0.5, 1.0))
            self.others.append(numbers.bias(dimensions[-1]))
        self.weights.append(numbers.weights(16, CLASSES))
        self.others.append(numbers.bias(CLASSES))

    def __call__(self, x):
        w, o = self.weights, self.others
        a = functional.relu(normalise(convolve(x, w[0], padding=1), o[0], o[1]))
        x = normalise(convolve(a, w[1], padding=1), o[2], o[3])
        x = functional.avg_pool2d(functional.relu(x + a), 2)
        x = functional.relu(normalise(convolve(x, w[2], stride=2, padding=1), o[4], o[5]))
        return x.mean(dim=(2, 3)) @ w[3] + o[6]


def convolve(x, weights, bias=None, **settings):
    return functional.conv2d(x, weights.permute(3, 2, 0, 1), bias, **settings)


def normalise(x, scale, shift):
    return functional.batch_norm(x, None, None, scale, shift, training=True, eps=1e-5)


# Weights first, to which alone weight decay applies.
OPTIMIZERS = {
    "sgd": lambda groups: torch.optim.SGD(groups, lr=0.05, momentum=0.9),
    "nesterov": lambda groups: torch.optim.SGD(groups, lr=0.05, momentum=0.9, nesterov=True),
    "adam": lambda groups: torch.optim.Adam(groups, lr=0.002),
    "adamw": lambda groups: torch.optim.AdamW([dict(groups[0], weight_decay=0.1), dict(groups[1], weight_decay=0)], lr=0.002),
    "rmsprop": lambda groups: torch.optim.RMSprop(groups, lr=0.0005),
}


def losses(network, optimizer, smoothing=0.0):
    numbers = Numbers()
    model = network(numbers)
    pixels = [numbers.draw() >> 16 for _ in range(model.images * SIZE * SIZE)]
    labels = torch.tensor([(numbers.draw() >> 8) % CLASSES for _ in range(model.images)])
    x = (torch.tensor(pixels, dtype=torch.float32) * (torch.tensor(1.0) / 255)).double()
    x = x.reshape(model.images, 1, SIZE, SIZE)
    for values in model.weights + model.others:
        values.requires_grad_()
    rule = OPTIMIZERS[optimizer]([{"params": model.weights}, {"params": model.others}])
    steps = []
    for _ in range(STEPS):
        rule.zero_grad()
        loss = functional.cross_entropy(model(x), labels, label_smoothing=smoothing)
        loss.backward()
        steps.append(loss.item())
        rule.step()
    return steps


cases = [(Plain, name, 0.0) for name in OPTIMIZERS] + [(Plain, "sgd", 0.1), (Residual, "sgd", 0.0), (Residual, "adam", 0.0)]
print(json.dumps([
    {
        "network": " ".join(network.__doc__.split()),
        "images": network.images,
        "optimizer": name,
        "labelSmoothing": smoothing,
        "losses": losses(network, name, smoothing),
    }
    for network, name, smoothing in cases
], indent=2))
