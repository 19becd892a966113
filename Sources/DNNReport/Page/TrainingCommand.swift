import DNNModel
import DNNTrain

/// The command that trains a model again, from what its file says of its training; nil for a model of another origin.
///
/// The data and the model that a training started from are not in the file: the names that stand for them have to be replaced
/// if they are elsewhere. Options are left out where `dnn-train` takes the same without.
///
/// - Parameters:
///   - provenance: of the model.
///   - outPath: the file to write.
/// - Returns: a line for a shell.
func trainingCommand(_ provenance: [String: String], outPath: String) -> String? {
  guard provenance["tool"]?.hasPrefix("dnn-train ") == true, let architecture = provenance["architecture"],
    let data = provenance["data"]
  else { return nil }
  // A search may have changed its layers, and another version its recipe.
  let recipe = provenance["recipe"].flatMap { Recipe(named: $0) }.flatMap { hasLayers($0, architecture) ? $0 : nil }
  var words = ["dnn-train"]
  if let recipe {
    words += ["--recipe", recipe.name]
  } else if provenance["initial-model.sha256"] != nil {
    words += ["--init-from", "MODEL"]
  } else {
    words += ["--arch", architecture]
  }
  words += ["--data", data]
  let usual = usualOptions(recipe, provenance)
  for (option, value) in options(provenance) where usual[option] != value { words += [option, value] }
  if provenance["momentum"]?.hasSuffix("nesterov") == true { words.append("--nesterov") }
  if provenance["kept-epoch"] == "best" && recipe?.keepsBestEpoch != true { words.append("--best-epoch") }
  return shellCommand(words + ["--out", outPath])
}

/// Whether a network is a recipe's, whose last layer has as many outputs as the data have classes.
private func hasLayers(_ recipe: Recipe, _ architecture: String) -> Bool {
  guard let classCount = try? Architecture(parsing: architecture).classCount else { return false }
  let own = try? Architecture(parsing: recipe.architecture).withNewHead(classCount: classCount)
  return own?.description == architecture
}

/// The options that a training was made with, all that the file says and those that are off where it says nothing.
private func options(_ provenance: [String: String]) -> [(String, String)] {
  let schedule = (provenance["schedule"] ?? "constant").split(separator: ", warm-up ").map(String.init)
  let all: [(String, String?)] = [
    ("--epochs", provenance["epochs"]), ("--batch", provenance["batch"]), ("--optimizer", provenance["optimizer"]),
    ("--lr", provenance["learning-rate"]),
    ("--momentum", provenance["momentum"]?.split(separator: " ").first.map(String.init)), ("--schedule", schedule[0]),
    ("--warm-up", schedule.count > 1 ? schedule[1] : "0.0"), ("--weight-decay", provenance["weight-decay"] ?? "0.0"),
    ("--clip", provenance["clip-norm"]), ("--label-smoothing", provenance["label-smoothing"]),
    ("--average", provenance["average-decay"] ?? "0.0"), ("--augmentation", provenance["augmentation"] ?? "none"),
    ("--freeze", provenance["frozen"]), ("--patience", provenance["patience"]),
    ("--held-out", provenance["held-out.count"]), ("--held-out-seed", provenance["held-out.seed"]),
    ("--seed", provenance["seed"]),
  ]
  return all.compactMap { option, value in value.map { (option, $0) } }
}

/// What `dnn-train` takes without the options.
private func usualOptions(_ recipe: Recipe?, _ provenance: [String: String]) -> [String: String] {
  let kind = recipe?.optimizer ?? .adam
  // A file names the rule, which AdamW shares with Adam.
  let rule = kind.make(learningRate: 1).name
  // What a recipe says of its optimizer means nothing for another.
  let isUsual = provenance["optimizer"] == rule
  let used = isUsual ? kind : provenance["optimizer"].flatMap(OptimizerKind.init) ?? kind
  let tuned = isUsual ? recipe : nil
  let epochs = provenance["epochs"].flatMap { Int($0) } ?? 0
  var schedule = recipe?.schedule ?? LearningRateSchedule()
  // A recipe's warm-up keeps its share of the training.
  if let recipe { schedule.warmUp *= Double(epochs) / Double(recipe.epochs) }
  let warmUp = schedule.warmUp
  schedule.warmUp = 0
  return [
    "--epochs": "\(recipe?.epochs ?? 10)", "--batch": "\(recipe?.batchSize ?? 128)", "--optimizer": rule,
    "--lr": "\(tuned?.learningRate ?? used.usualLearningRate)", "--momentum": "0.9", "--schedule": "\(schedule)",
    "--warm-up": "\(warmUp)", "--weight-decay": "\(tuned?.weightDecay ?? used.usualWeightDecay)",
    "--average": "\(recipe?.averageDecay ?? 0)", "--seed": "1",
    "--augmentation": recipe.map { $0.augmentation?.description ?? "" } ?? "none",
  ]
}

/// Words as a shell reads them back, whatever is in them.
func shellCommand(_ words: [String]) -> String {
  words.map { word in
    let isPlain = word.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "-_./=,:+%@".contains($0)) }
    return isPlain && !word.isEmpty ? word : "'" + word.replacing("'", with: "'\\''") + "'"
  }.joined(separator: " ")
}
