"""The figures of dnn-eval beside scikit-learn's for the same answers, which dnn-eval --csv wrote one by one.

usage: evaluation.py JSON CSV REPORT TEXT

The JSON must have them exactly, the page of --report and the text as many digits as they show.
"""

import csv
import html.parser
import json
import math
import sys

import numpy
import sklearn.metrics


class Tables(html.parser.HTMLParser):
    """The cells of a page's tables, without their small print, and its definitions by name."""

    def __init__(self, text):
        super().__init__()
        self.tables, self.definitions, self.place, self.small, self.name = [], {}, None, False, None
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        if tag == "table":
            self.tables.append([])
        elif tag == "tr":
            self.tables[-1].append([])
        elif tag in ("td", "th"):
            self.tables[-1][-1].append("")
            self.place = "cell"
        elif tag in ("dt", "dd"):
            self.place = tag
        self.small = self.small or tag == "small"

    def handle_endtag(self, tag):
        if tag == "small":
            self.small = False
        elif tag in ("td", "th", "dt", "dd"):
            self.place = None

    def handle_data(self, data):
        if self.small or self.place is None:
            return
        if self.place == "cell":
            self.tables[-1][-1][-1] += data.strip()
        elif self.place == "dt":
            self.name = data
        else:
            self.definitions[self.name] = self.definitions.get(self.name, "") + data

    def titled(self, title):
        return next(rows[1:] for rows in self.tables if rows[0][0] == title)


def check(what, ours, expected, tolerance=1e-12):
    if not math.isclose(ours, expected, rel_tol=tolerance, abs_tol=tolerance):
        sys.exit(f"FAILED: {what} is {ours}, but scikit-learn says {expected}")


def check_shown(what, ours, expected):
    if ours != expected:
        sys.exit(f"FAILED: {what} shows {ours!r}, but scikit-learn's is {expected!r}")


def check_json(figures, theirs):
    check("accuracy", figures["accuracy"], theirs["accuracy"])
    # scikit-learn adds up logarithms in the type of the probabilities, float32.
    check("loss", figures["loss"], theirs["loss"], tolerance=1e-5)
    check("top-2 accuracy", figures["top2Accuracy"], theirs["top 2"])
    check("count", figures["count"], sum(map(sum, theirs["confusion"])))
    check_shown("confusion", figures["confusion"], theirs["confusion"])
    for index, label in enumerate(figures["labels"]):
        for name, theirs_name in [("precision", "precision"), ("recall", "recall"), ("f1", "f1-score"), ("support", "support")]:
            check(f"{name} of {label}", figures[name][index], theirs["report"][label][theirs_name])
    for mean, theirs_mean in [("macro", "macro avg"), ("weighted", "weighted avg")]:
        for name, theirs_name in [("precision", "precision"), ("recall", "recall"), ("f1", "f1-score")]:
            check(f"{mean} {name}", figures[mean][name], theirs["report"][theirs_mean][theirs_name])


def check_page(page, labels, theirs):
    count = sum(map(sum, theirs["confusion"]))
    right = sum(theirs["confusion"][index][index] for index in range(len(labels)))
    shown = {name: text.replace("\xa0", " ").replace(",", "") for name, text in page.definitions.items()}
    check_shown("the report's accuracy", shown["accuracy"], f"{100 * theirs['accuracy']:.2f} %")
    check_shown("the report's wrong answers", shown["wrong"], f"{count - right}")
    check_shown("the report's loss", shown["loss"], f"{theirs['loss']:.4f}")
    check_shown("the report's top-2 accuracy", shown["among the likeliest two"], f"{100 * theirs['top 2']:.2f} %")
    matrix = [[int(cell.replace(",", "")) for cell in row[1:]] for row in page.titled("true")]
    check_shown("the report's confusion matrix", matrix, theirs["confusion"])
    names = dict(zip(labels, labels)) | {"mean of classes": "macro avg", "weighted by images": "weighted avg"}
    rows = {names[row[0]]: [cell.replace(",", "") for cell in row[1:]] for row in page.titled("class")}
    expected = {name: cells(theirs["report"][name]) for name in names.values()}
    check_shown("the report's table of classes", rows, expected)


def cells(scores):
    return [f"{scores[name]:.4f}" for name in ["precision", "recall", "f1-score"]] + [f"{scores['support']:.0f}"]


def check_text(text, theirs):
    """Word by word, in the layout of scikit-learn."""
    start = text.index("precision")
    ours = text[start:text.index("\n\nmost frequent confusions", start)].replace(",", "")
    check_shown("the text", [line.split() for line in ours.splitlines()], [line.split() for line in theirs["text"].splitlines()])


def main():
    json_path, csv_path, report_path, text_path = sys.argv[1:]
    with open(json_path) as file:
        figures = json.load(file)
    with open(csv_path, newline="") as file:
        rows = list(csv.DictReader(file))
    labels = figures["labels"]
    truth = numpy.array([int(row["truth"]) for row in rows])
    predicted = numpy.array([int(row["predicted"]) for row in rows])
    probabilities = numpy.array([[row["p " + label] for label in labels] for row in rows], dtype=numpy.float32)
    if not numpy.array_equal(predicted, probabilities.argmax(axis=1)):
        sys.exit("FAILED: the answers are not the likeliest classes")
    classes = range(len(labels))
    settings = {"labels": classes, "target_names": labels, "zero_division": 0}
    theirs = {
        "accuracy": sklearn.metrics.accuracy_score(truth, predicted),
        "loss": sklearn.metrics.log_loss(truth, probabilities, labels=classes),
        "top 2": sklearn.metrics.top_k_accuracy_score(truth, probabilities, k=2, labels=classes),
        "confusion": sklearn.metrics.confusion_matrix(truth, predicted, labels=classes).tolist(),
        "report": sklearn.metrics.classification_report(truth, predicted, output_dict=True, **settings),
        "text": sklearn.metrics.classification_report(truth, predicted, digits=4, **settings).lstrip(),
    }
    check_json(figures, theirs)
    with open(report_path) as file:
        check_page(Tables(file.read()), labels, theirs)
    with open(text_path) as file:
        check_text(file.read(), theirs)
    print(f"{figures['file']}: the figures of scikit-learn {sklearn.__version__} for {len(rows)} answers")


main()
