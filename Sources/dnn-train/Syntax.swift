import DNNCommandLine
import DNNModel
import DNNTrain
import MNISTInfer

/// What dnn-train is called with.
let syntax = CommandLineSyntax(
  name: "dnn-train", summary: "train an image classifier and write it as a .dnn file",
  examples: [
    .init("dnn-train --recipe convnet --data mnist --out model.dnn", "train a network that is known to be good"),
    .init(
      "dnn-train --arch \"conv 16 5x5 relu; maxpool 2; dense 10\" --data mnist --out model.dnn",
      "train a network of your own"),
    .init(
      "dnn-train --recipe convnet --data mnist --out model.dnn --resume",
      "go on with a training that was stopped"),
  ],
  usage: ["--recipe NAME | --arch TEXT | --init-from MODEL --data DATA --out FILE [options]"],
  description: """
    Trains an image classifier and writes it as a .dnn file. The same options, data and processor give the same file, byte for
    byte, for any number of threads.

    After each epoch the state of training goes to FILE.checkpoint, a model in itself. Ctrl-C saves it too and ends with status
    130; --resume goes on from it as if nothing had happened. A second Ctrl-C ends at once.

    mnist and fashion-mnist are fetched by the program curl, once, into mnistinfer in $XDG_CACHE_HOME or ~/.cache;
    DNN_MIRROR=ADDRESS fetches from ADDRESS/mnist/ and ADDRESS/fashion-mnist/ instead.

    \(Architecture.syntax)
    """,
  groups: [networkOptions, trainingOptions, regularisationOptions, outputOptions], statuses: [.interrupted],
  subcommands: [searchSyntax])

/// What dnn-train search is called with.
let searchSyntax = CommandLineSyntax(
  name: "dnn-train search", summary: "try hyper-parameters and keep the best model",
  examples: [
    .init(
      "dnn-train search --recipe convnet --data mnist --out best.dnn lr=0.0003..0.03 dropout=0.2..0.6",
      "27 trials, most of them short"),
    .init(
      "dnn-train search --recipe lenet5 --data mnist --out best.dnn --method random --trials 10 batch=32,64,128",
      "10 whole trainings"),
  ],
  usage: ["--recipe NAME | --arch TEXT | --init-from MODEL --data DATA --out FILE [options] NAME=RANGE…"],
  description: """
    Trains with hyper-parameters drawn at random from ranges and writes the model that is best on the held-out images; the test
    images decide nothing. A RANGE is LOW..HIGH, or values with commas; a NAME is one of lr, weight-decay (both drawn
    by their logarithms), batch, optimizer, momentum, schedule, warm-up, clip, label-smoothing, average and augmentation, as in
    dnn-train's options, or dropout, the rate of all dropout layers.

    By successive halving, all trials start, and the best third goes on to three times the epochs, until a few have all of
    --epochs. The same options, data and processor give the same trials and the same file.

    FILE.search holds where the search stands. Ctrl-C ends it with status 130, and --resume goes on.
    """,
  groups: [
    .init(
      "search",
      [
        .init("--trials", "N", "combinations to try (default: 27)"),
        .init(
          "--method", "NAME", "halving, or random to train every trial to the end (default: halving)",
          values: .oneOf(["halving", "random"])),
        .init("--results", "FILE", "after each trial, write what all have come to to a CSV file", values: .file("csv")),
        .init("--resume", nil, "go on with a search that was stopped; needs the same options, --threads aside"),
      ]),
    networkOptions.without("--list-recipes"), trainingOptions.without("--resume"), regularisationOptions,
    outputOptions.without("--history", "--report", "--json"),
  ],
  arguments: .init("NAME=RANGE", values: .text), statuses: [.interrupted])

extension CommandLineSyntax.OptionGroup {
  fileprivate func without(_ names: String...) -> CommandLineSyntax.OptionGroup {
    .init(title, options.filter { !names.contains($0.name) })
  }
}

private let networkOptions = CommandLineSyntax.OptionGroup(
  "network and data",
  [
    .init(
      "--recipe", "NAME", "a network with settings that train it well, which dnn-train --list-recipes shows;",
      "a recipe's last layer has as many outputs as the data has classes",
      values: .oneOf(Recipe.all.map(\.name))),
    .init(
      "--arch", "TEXT", "a network of your own, in words that dnn-train --help explains, for example",
      "\"conv 32 3x3 relu; maxpool 2; dense 128 relu; dropout 0.5; dense 10\""),
    .init(
      "--init-from", "MODEL", "start from a model's network; for data with other classes its last layer is new",
      values: .file("dnn")),
    .init(
      "--freeze", "NAMES", "layers to leave as they are: conv for all convolutions, or names like conv1,dense1"),
    .init(
      "--data", "DATA",
      "mnist or fashion-mnist, fetched once into ~/.cache; a folder of IDX files with MNIST's names, plain",
      "or gzip; a folder with a folder of PNGs of one size for each class; a CSV file with the label first; or synthetic,",
      "digits drawn by this program. Where there is a folder of such a name, it is the folder", values: .data),
    .init("--list-recipes", nil, "print the recipes and exit"),
  ])

private let trainingOptions = CommandLineSyntax.OptionGroup(
  "training",
  [
    .init("--epochs", "N", "passes over the training images (default: the recipe's, else 10)"),
    .init("--batch", "N", "images a step (default: the recipe's, else 128)"),
    .init(
      "--optimizer", "NAME", "\(optimizerNames.joined(separator: ", ")) (default: the recipe's, else adam)",
      values: .oneOf(optimizerNames)),
    .init("--lr", "X", "learning rate (default: the recipe's, else 0.001, or 0.05 for sgd)"),
    .init("--momentum", "X", "for sgd, the share of the last step that the next keeps (default: 0.9)"),
    .init("--nesterov", nil, "for sgd, Nesterov's momentum"),
    .init(
      "--schedule", "TEXT",
      "the learning rate's course: constant, cosine (down to 0), one-cycle (up, then down to 0) or",
      "\"step N F\": times F every N epochs (default: the recipe's, else constant)",
      values: .usually("constant", "cosine", "one-cycle")),
    .init(
      "--warm-up", "N", "epochs in which the learning rate rises from 0 (default: 0; for one-cycle 30 % of all)"),
    .init("--clip", "X", "scale gradients whose length is above X down to it"),
    .init("--seed", "N", "decides first weights, order, dropout and augmentation (default: 1)"),
    .init("--threads", "N", "threads to compute with; 0 for one a processor (default: 0)"),
    .init("--resume", nil, "go on from FILE.checkpoint; needs the same options, --threads aside"),
  ])

private let regularisationOptions = CommandLineSyntax.OptionGroup(
  "regularisation and validation",
  [
    .init(
      "--weight-decay", "X",
      "weights shrink by learning rate times this each step (default: 0.01 for adamw, else 0)"),
    .init("--label-smoothing", "X", "give all classes an even share X of the target (default: the recipe's, else 0)"),
    .init(
      "--average", "X", "measure and keep the weights' moving average with decay X, like 0.999 (default: the",
      "recipe's, else 0: the weights themselves)"),
    .init(
      "--augment", nil,
      "change training images at random, as suits the data: digits are not mirrored, clothes are"),
    .init(
      "--augmentation", "TEXT",
      "the changes to make, none or some of \"shift X, rotate X, scale X, shear X, elastic X,",
      "smooth X, stroke X, erase X, mixup X, outliers X, flip\": pixels, degrees, share, degrees, strength and",
      "pixels of smoothness of the distortion, pixels by which strokes' edges move, probability of a filled",
      "rectangle, mixup's alpha, share of images replaced by random strokes or turned by a quarter, to be unsure of"),
    .init("--held-out", "N", "training images to set aside and measure on (default: 5000, but at most a sixth)"),
    .init("--held-out-seed", "N", "which images, each class in proportion (default: 0)"),
    .init("--best-epoch", nil, "end with the weights of the epoch that was best on them, not of the last"),
    .init("--patience", "N", "end after N epochs without improvement on them; keeps the best epoch"),
  ])

private let outputOptions = CommandLineSyntax.OptionGroup(
  "output",
  [
    .init("--out", "FILE", "the .dnn file to write", values: .file("dnn")),
    .init(
      "--history", "FILE",
      "after each epoch, write what all so far measured to a CSV file; the model holds the same",
      values: .file("csv")),
    .init(
      "--report", "FILE",
      "after each epoch, write a page with curves, charts and pictures of the held-out images, and at the end of",
      "the test images: one HTML file that needs nothing else, as dnn-eval writes it", values: .file("html")),
    .init(
      "--json", nil, "print lines of JSON: what each epoch measured, and at the end the accuracies of the written file"),
    .init("--quiet", nil, "print errors only"),
  ])

private let optimizerNames = OptimizerKind.allCases.map(\.rawValue)

/// The text for --list-recipes.
func recipeList() throws -> String {
  try Recipe.all.map { recipe in
    let cost = try Architecture(parsing: recipe.architecture).cost(input: mnistShape)
    return """
      \(recipe.name): \(recipe.summary)
        \(recipe.architecture)
        \(grouped(cost.parameters)) parameters, \(grouped(cost.multiplyAdds)) multiply-adds for a picture of 28x28
        \(recipe.training)

      """
  }.joined()
}

/// That of Fashion-MNIST too.
private let mnistShape = Shape(height: 28, width: 28, channels: 1)
