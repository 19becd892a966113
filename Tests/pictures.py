"""What the steps of preparing a picture bring: accuracy on people's own digits, with each step left out.

Usage: python3 Tests/pictures.py LIBRARY MODEL [FOLDER]

LIBRARY is libmnistinfer.so, MODEL a .dnn file of digits. FOLDER holds PNGs and labels.tsv, a line "file TAB digit" for each;
default: ../shared/data/wild-digits, or wild-digits in $DNN_DATA. The pictures are not part of the repository. Needs NumPy.
"""
import os
import pathlib
import sys
from dataclasses import replace

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "Examples/python"))

from dnnfile import Preparation, decode, encode    # noqa: E402
from dnnfile.model import STEPS    # noqa: E402


def read_labels(folder):
    """[(path, label)] of a folder's labels.tsv."""
    try:
        lines = (folder / "labels.tsv").read_text().splitlines()
    except FileNotFoundError:
        sys.exit(f"pictures.py: there is no {folder / 'labels.tsv'}: the pictures are not part of the repository; give a FOLDER"
                 " of PNGs with a labels.tsv that has a line \"file TAB digit\" for each")
    return [(folder / file, label) for file, label in (line.split("\t") for line in lines if line)]


def misses(mnistinfer, session, pictures):
    """[(file, label, answer, probability)] of those that are not answered with their label."""
    result = []
    for path, label in pictures:
        try:
            answer, probability, _ = session.classify(path)
        except mnistinfer.NothingToSee:
            answer, probability = "nothing", 0
        except mnistinfer.Error as error:
            sys.exit(str(error))
        if answer != label:
            result.append((path.name, label, answer, probability))
    return result


def variants(model):
    """(name, the model's bytes) for all steps, for each left out, and for none."""
    preparation = Preparation("lightOnDark", "centreOfMass", (20, 20))
    for name, steps in (("all steps", STEPS), *((f"without {step}", set(STEPS) - {step}) for step in STEPS),
                        ("no steps", ())):
        yield name, encode(replace(model, preparation=replace(preparation, steps=frozenset(steps))))


def main():
    if len(sys.argv) not in (3, 4):
        sys.exit(__doc__)
    os.environ["MNISTINFER_LIBRARY"] = sys.argv[1]
    import mnistinfer
    data = os.environ.get("DNN_DATA", ROOT.parent / "shared/data")
    pictures = read_labels(pathlib.Path(sys.argv[3] if len(sys.argv) == 4 else f"{data}/wild-digits"))
    model = decode(pathlib.Path(sys.argv[2]).read_bytes())
    print(f"| {len(pictures)} pictures | right | | missed |\n|---|---|---|---|")
    for name, data in variants(model):
        missed = misses(mnistinfer, mnistinfer.Model(data).session(), pictures)
        right = len(pictures) - len(missed)
        text = ", ".join(f"{file[:-4]}: {label} as {answer} ({probability:.2f})"
                         for file, label, answer, probability in missed)
        print(f"| {name} | {right} | {100 * right / len(pictures):.1f} % | {text} |")


if __name__ == "__main__":
    main()
