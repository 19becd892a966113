"""Trains every recipe with three seeds and prints README's table of them: accuracy on the images held out of training, which
the settings were chosen on, and on the test set, which is looked at here alone.

    python3 Tests/recipes.py DATA [--readme] [RECIPE...]

DATA holds the folders mnist and fashion-mnist. The tools are those of .build/release. Each run's figures are kept in
.build/recipes, and a run whose recipe has not changed since is not repeated, so an interrupted table goes on where it was.
--readme puts the table into README.md.
"""

import json
import pathlib
import resource
import statistics
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
TOOLS = ROOT / ".build" / "release"
RUNS = ROOT / ".build" / "recipes"
SEEDS = (1, 2, 3)
BEGIN, END = "<!-- recipes -->\n", "<!-- end of recipes -->\n"


def tool(name, *arguments):
    return subprocess.run(
        [TOOLS / name, *map(str, arguments)], check=True, stdout=subprocess.PIPE, text=True
    ).stdout


def recipes():
    """The text of each recipe, by its name."""
    texts, name = {}, None
    for line in tool("dnn-train", "--list-recipes").splitlines():
        if line and not line.startswith(" "):
            name = line.split(":")[0]
            texts[name] = ""
        if name:
            texts[name] += line.strip() + "\n"
    return texts


def run(name, text, seed, data):
    path, model = RUNS / f"{name}-{seed}.json", RUNS / f"{name}-{seed}.dnn"
    if path.exists():
        kept = json.loads(path.read_text())
        if kept["recipe"] == text:
            return kept
    folder = data / ("fashion-mnist" if name.startswith("fashion") else "mnist")
    before = processor_time()
    tool("dnn-train", "--recipe", name, "--seed", seed, "--data", folder, "--out", model, "--quiet")
    seconds = processor_time() - before
    test = json.loads(tool("dnn-eval", "--json", "--data", folder, model))
    provenance = json.loads(tool("dnn-info", "--json", model))["provenance"]
    figures = {
        "recipe": text,
        "heldOut": float(provenance["held-out.accuracy"]),
        "test": test["accuracy"],
        "f1": test["macro"]["f1"],
        "parameters": test["parameters"],
        "multiplyAdds": test["multiplyAdds"],
        "processorSeconds": seconds,
    }
    path.write_text(json.dumps(figures, indent=2))
    print(f"{name}, seed {seed}: held out {figures['heldOut']:.4f}, test {figures['test']:.4f}", file=sys.stderr)
    return figures


def processor_time():
    """Seconds of all tools run so far: unlike the clock's, they do not depend on what else the machine does."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def row(name, runs):
    def share(key):
        values = [100 * run[key] for run in runs]
        return f"{statistics.mean(values):.2f} ± {statistics.stdev(values):.2f} %"

    seconds = statistics.median(run["processorSeconds"] for run in runs)
    return (
        f"| `{name}` | {runs[0]['parameters']:,} | {runs[0]['multiplyAdds']:,} "
        f"| {share('heldOut')} | {share('test')} | {share('f1')} | {seconds:.0f} s |"
    )


def main():
    arguments = [argument for argument in sys.argv[1:] if argument != "--readme"]
    if not arguments:
        sys.exit(__doc__)
    data, texts = pathlib.Path(arguments[0]), recipes()
    names = arguments[1:] or list(texts)
    for name in names:
        if name not in texts:
            sys.exit(f"there is no recipe {name}: {', '.join(texts)}")
    RUNS.mkdir(parents=True, exist_ok=True)
    lines = [
        "| recipe | parameters | multiply-adds | held out | test | average F1 | processor time |",
        "|---|---|---|---|---|---|---|",
    ]
    lines += [row(name, [run(name, texts[name], seed, data) for seed in SEEDS]) for name in names]
    table = "\n".join(lines) + "\n"
    print(table, end="")
    if "--readme" in sys.argv:
        readme = ROOT / "README.md"
        head, rest = readme.read_text().split(BEGIN)
        readme.write_text(head + BEGIN + "\n" + table + "\n" + END + rest.split(END)[1])


main()
