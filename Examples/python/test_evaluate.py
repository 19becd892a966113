"""Tests of the evaluator and of conversion, each against plain loops. Run in this folder: python3 -m unittest"""
import unittest

import numpy as np

import dnnfile
from convert import Builder, int8_weights, sequential
from evaluate import logits, probabilities
from testing import logit_error, random_model, slow_logits

NETWORK = "conv relu padding=1; max-pool 2; conv relu stride=2; flatten; dense relu; dense; softmax"


class Evaluator(unittest.TestCase):
    def test_random_models_against_loops(self):
        kinds, activations = set(), set()
        for seed in range(80):
            model = random_model(seed)
            pictures = np.random.default_rng(seed).integers(0, 256, (3, *model.input), np.uint8)
            expected = np.array([slow_logits(model, picture) for picture in pictures])
            np.testing.assert_allclose(logits(model, pictures, np.float64, batch=2), expected, rtol=1e-11, atol=1e-11)
            error = np.abs(logits(model, pictures) - expected).max(axis=1)
            self.assertTrue((error <= logit_error(model, pictures)).all(), seed)
            kinds.update(layer.kind for layer in model.layers)
            activations.update(layer.activation for layer in model.layers)
        self.assertEqual(kinds, set(dnnfile.model.KINDS))
        self.assertEqual(activations, set(dnnfile.model.ACTIVATIONS))

    def test_large_windows(self):
        builder = Builder((30, 1, 1)).max_pool((25, 1), (3, 1), padding=(24, 0)).average_pool((9, 1), 1)
        model = builder.flatten().softmax().model()
        picture = np.arange(30, dtype=np.uint8).reshape(1, 30, 1, 1)
        np.testing.assert_allclose(logits(model, picture, np.float64)[0], slow_logits(model, picture[0]), atol=1e-12)

    def test_overflow_is_no_failure(self):
        builder = Builder((1, 1, 1)).dense([[3e38, -3e38]]).activation("sigmoid").dense(np.full((2, 2), 3e38))
        model = builder.softmax().model(scale=9)
        self.assertEqual(probabilities(model, np.full((1, 1, 1, 1), 255, np.uint8)).shape, (1, 2))

    def test_pictures_of_another_shape(self):
        for pictures in (np.zeros((1, 2, 2), np.uint8), np.zeros((1, 2, 3)), np.zeros(6, np.uint8)):
            with self.assertRaises(ValueError):
                logits(Builder((2, 3, 1)).flatten().softmax().model(), pictures)


class Conversion(unittest.TestCase):
    def setUp(self):
        random = np.random.default_rng(7)
        self.state = {"a.weight": random.normal(size=(4, 2, 3, 3)), "a.bias": random.normal(size=4),
                      "b.weight": random.normal(size=(3, 4, 2, 2)), "b.bias": random.normal(size=3),
                      "c.weight": random.normal(size=(5, 3 * 2 * 2)), "c.bias": random.normal(size=5),
                      "d.weight": random.normal(size=(4, 5)), "d.bias": random.normal(size=4)}
        self.state = {name: array.astype(np.float32) for name, array in self.state.items()}
        self.picture = random.integers(0, 256, (9, 10, 2), np.uint8)

    def torch_logits(self):
        """The network in PyTorch's own layout: a picture (C, H, W), weights (out, in, kh, kw) and (out, in)."""
        x = self.picture.transpose(2, 0, 1) / 255.0
        x = np.maximum(self.torch_convolution(np.pad(x, ((0, 0), (1, 1), (1, 1))), "a", 1), 0)
        x = np.array([[[plane[y:y + 2, z:z + 2].max() for z in range(0, 9, 2)] for y in range(0, 7, 2)] for plane in x])
        x = np.maximum(self.torch_convolution(x, "b", 2), 0)
        flat = [x[c, y, z] for c in range(3) for y in range(2) for z in range(2)]
        hidden = [max(0, sum(w * v for w, v in zip(row, flat, strict=True)) + b)
                  for row, b in zip(self.state["c.weight"].astype(float), self.state["c.bias"].astype(float))]
        return [sum(w * v for w, v in zip(row, hidden, strict=True)) + b
                for row, b in zip(self.state["d.weight"].astype(float), self.state["d.bias"].astype(float))]

    def torch_convolution(self, x, name, stride):
        weights, bias = (self.state[f"{name}.{part}"].astype(float) for part in ("weight", "bias"))
        outputs, inputs, height, width = weights.shape
        result = np.zeros((outputs, (x.shape[1] - height) // stride + 1, (x.shape[2] - width) // stride + 1))
        for o, y, z in np.ndindex(result.shape):
            result[o, y, z] = bias[o]
            for i, j, k in np.ndindex(inputs, height, width):
                result[o, y, z] += weights[o, i, j, k] * x[i, y * stride + j, z * stride + k]
        return result

    def keras_weights(self):
        """The same weights as Keras has them, converted by hand."""
        convolutions = [self.state[f"{name}.weight"].transpose(2, 3, 1, 0) for name in "ab"]
        first = self.state["c.weight"].reshape(5, 3, 2, 2).transpose(2, 3, 1, 0).reshape(12, 5)
        weights = [*convolutions, first, self.state["d.weight"].T]
        return [array for pair in zip(weights, (self.state[f"{name}.bias"] for name in "abcd")) for array in pair]

    def test_layouts(self):
        torch = sequential(NETWORK, self.state, (9, 10, 2)).model()
        keras = sequential(NETWORK, self.keras_weights(), (9, 10, 2), "keras").model()
        np.testing.assert_allclose(logits(torch, self.picture[None], np.float64)[0], self.torch_logits(), rtol=1e-6)
        self.assertEqual(dnnfile.encode(torch), dnnfile.encode(keras))

    def test_same_padding(self):
        for size in (5, 6, 7):
            for kernel, stride, dilation in ((1, 1, 1), (2, 1, 1), (3, 2, 1), (2, 2, 3), (4, 3, 1)):
                builder = Builder((size, size, 1))
                builder.conv(np.ones((kernel, kernel, 1, 1)), None, "none", stride, "same", dilation)
                self.assertEqual(builder.shapes[-1], (-(-size // stride),) * 2 + (1,))

    def test_what_does_not_fit(self):
        builder = Builder((4, 4, 2), "torch").flatten()
        for step in (builder.softmax, builder.global_average_pool, lambda: builder.dense(np.ones((3, 31))),
                     lambda: builder.max_pool(2), lambda: builder.conv(np.ones((2, 2)))):
            with self.assertRaises(ValueError):
                step()
        for network in (NETWORK + "; dense", "conv", "what 3", "conv relu stride=x", "max-pool"):
            with self.assertRaises(ValueError):
                sequential(network, self.state, (9, 10, 2))

    def test_int8(self):
        model = sequential(NETWORK, self.state, (9, 10, 2)).model()
        rounded = dnnfile.decode(dnnfile.encode(int8_weights(model)))
        for layer in model.layers:
            if layer.weights is not None:
                exact = model.weights(layer.weights)
                largest = np.abs(exact).max(axis=tuple(range(exact.ndim - 1)))
                difference = np.abs(rounded.weights(layer.weights) - exact)
                self.assertTrue((difference <= largest * 0.501 / 127).all())


if __name__ == "__main__":
    unittest.main()
