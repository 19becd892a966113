"""The figures of `dnn-eval --json` counted again from its `--csv`, which is the answers one by one."""

import csv
import json
import math
import sys


def check(what, ours, expected):
    if not math.isclose(ours, expected, rel_tol=1e-5, abs_tol=1e-9):
        sys.exit(f"{what} is {ours}, but the answers give {expected}")


def main():
    with open(sys.argv[1]) as file:
        report = json.load(file)
    with open(sys.argv[2], newline="") as file:
        rows = list(csv.DictReader(file))
    labels = report["labels"]
    truth = [int(row["truth"]) for row in rows]
    predicted = [int(row["predicted"]) for row in rows]
    probabilities = [[float(row["p " + label]) for label in labels] for row in rows]
    check("count", report["count"], len(rows))
    check("accuracy", report["accuracy"], sum(map(int.__eq__, truth, predicted)) / len(rows))
    own = [max(row[label], 2**-23) for row, label in zip(probabilities, truth)]
    check("loss", report["loss"], -sum(map(math.log, own)) / len(rows))
    pairs = list(zip(truth, predicted))
    for row, label in enumerate(labels):
        for column in range(len(labels)):
            check(f"confusion {row} {column}", report["confusion"][row][column], pairs.count((row, column)))
        hits = pairs.count((row, row))
        check("precision " + label, report["precision"][row], hits / max(predicted.count(row), 1))
        check("recall " + label, report["recall"][row], hits / max(truth.count(row), 1))
        check("f1 " + label, report["f1"][row], 2 * hits / max(predicted.count(row) + truth.count(row), 1))
    for row, answer in zip(probabilities, predicted):
        check("likeliest class", row[answer], max(row))


main()
