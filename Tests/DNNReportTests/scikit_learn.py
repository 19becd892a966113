"""Prints, as JSON, what scikit-learn says of the predictions that ScikitLearnTests.swift makes up in the same way.

scikit_learn.json is the output with scikit-learn 1.9.1:
    python3 scikit_learn.py > scikit_learn.json
"""

import json

import numpy
import sklearn.metrics

CLASSES, IMAGES = 5, 400


def predictions():
    state = 1

    def draw(bound):
        nonlocal state
        state = (state * 1664525 + 1013904223) % 2**32
        return (state >> 16) % bound

    truth, probabilities = [], []
    for _ in range(IMAGES):
        # The last class is never the label, and the one before it seldom.
        label = draw(4) if draw(10) == 0 else draw(3)
        scores = [draw(1000) + 1 for _ in range(CLASSES)]
        scores[label] += 600
        truth.append(label)
        probabilities.append([numpy.float32(score) / numpy.float32(sum(scores)) for score in scores])
    return numpy.array(truth), numpy.array(probabilities, dtype=numpy.float32)


def main():
    truth, probabilities = predictions()
    predicted = probabilities.argmax(axis=1)
    report = sklearn.metrics.classification_report(truth, predicted, output_dict=True, zero_division=0)
    print(json.dumps({
        "version": sklearn.__version__,
        "report": report,
        "confusion": sklearn.metrics.confusion_matrix(truth, predicted, labels=range(CLASSES)).tolist(),
        "loss": sklearn.metrics.log_loss(truth, probabilities.astype(numpy.float64), labels=range(CLASSES)),
        "top2Accuracy": sklearn.metrics.top_k_accuracy_score(truth, probabilities, k=2, labels=range(CLASSES)),
    }, indent=1))


main()
