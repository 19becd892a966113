import DNNCommandLine
import DNNTrain
import MNISTInfer

/// What dnn-train is called with.
let syntax = CommandLineSyntax(
  usage: """
    usage: dnn-train --recipe NAME | --arch TEXT --data FOLDER --out FILE [options]

    Trains an image classifier and writes it as a .dnn file. The same options, data and processor give the same file, byte for
    byte, for any number of threads.

    \(Architecture.syntax)
    """,
  options: [
    .init("--recipe", "NAME", "a network with settings that train it well; --list-recipes shows them"),
    .init(
      "--arch", "TEXT", "a network of your own, described as above, for example",
      "\"conv 32 3x3 relu; maxpool 2; dense 128 relu; dropout 0.5; dense 10\""),
    .init("--data", "FOLDER", "IDX files with MNIST's names, plain or gzip"),
    .init("--out", "FILE", "the .dnn file to write"),
    .init("--epochs", "N", "passes over the training images (default: the recipe's, else 10)"),
    .init("--batch", "N", "images a step (default: the recipe's, else 128)"),
    .init("--optimizer", "NAME", "adam or sgd, which has momentum 0.9 (default: the recipe's, else adam)"),
    .init("--lr", "X", "learning rate (default: the recipe's or 0.001 for adam, 0.05 for sgd)"),
    .init("--seed", "N", "decides first weights, order and dropout (default: 1)"),
    .init("--threads", "N", "threads to compute with; 0 for one a processor (default: 0)"),
    .init("--held-out", "N", "training images to set aside and measure on (default: 5000)"),
    .init("--list-recipes", nil, "print the recipes and exit"),
    .init("--quiet", nil, "print errors only"),
  ],
  takesArguments: false)

/// The text for --list-recipes.
func recipeList() throws -> String {
  try Recipe.all.map { recipe in
    let cost = try Architecture(parsing: recipe.architecture).cost(input: mnistShape)
    return """
      \(recipe.name): \(recipe.summary)
        \(recipe.architecture)
        \(grouped(cost.parameters)) parameters, \(grouped(cost.multiplyAdds)) multiply-adds for a picture of 28x28
        \(recipe.epochs) epochs\(recipe.keepsBestEpoch ? ", the best kept" : ""), batches of \(recipe.batchSize), \
      \(recipe.optimizer.rawValue) with learning rate \(recipe.learningRate)

      """
  }.joined()
}

/// That of Fashion-MNIST too.
private let mnistShape = Shape(height: 28, width: 28, channels: 1)
