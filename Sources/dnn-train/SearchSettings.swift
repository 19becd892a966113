import DNNCluster
import DNNCommandLine
import DNNTrain

/// The options of one search, checked before anything takes long.
struct SearchSettings {
  /// One combination of values.
  struct Trial {
    /// From 1.
    let number: Int
    /// In the order of the parameters.
    let values: [String]
    let settings: Settings
  }

  /// The processes that share the trials.
  let ranks: Communicator
  let parameters: [String]
  let trials: [Trial]
  let plan: SearchPlan
  /// nil for none.
  let resultsPath: String?
  let resumes: Bool
  let isQuiet: Bool
  /// What is being searched, for the models' provenance.
  let description: String

  /// - Parameters:
  ///   - options: what was asked for.
  ///   - ranks: the processes that share the trials.
  /// - Throws: `UsageError` for options and ranges that do not make a search; what `Settings` throws.
  init(_ options: CommandLineOptions, _ ranks: Communicator) throws {
    self.ranks = ranks
    let space = try SearchSettings.space(options.arguments)
    let count = try options.integer("--trials", in: 1...10_000) ?? 27
    let method = options.text("--method") ?? "halving"
    let values = space.draw(count, seed: try options.integer("--seed", in: 0...UInt64.max) ?? 1)
    parameters = space.parameters.map(\.name)
    trials = try values.enumerated().map { [parameters] index, values in
      let settings = try SearchSettings.settings(options, ranks.apart, parameters, values)
      return Trial(number: index + 1, values: values, settings: settings)
    }
    let epochs = trials[0].settings.training.epochs
    plan =
      method == "random"
      ? .random(trials: trials.count, epochs: epochs) : .halving(trials: trials.count, epochs: epochs)
    resultsPath = try options.outputPath("--results")
    resumes = options.has("--resume")
    isQuiet = options.has("--quiet")
    description = "\(method), \(trials.count) trials, " + options.arguments.joined(separator: " ")
  }

  /// The first trial's stand for all where they do not differ.
  var common: Settings { trials[0].settings }

  private static func space(_ arguments: [String]) throws -> SearchSpace {
    guard !arguments.isEmpty else {
      throw UsageError("give what to search, for example lr=0.0003..0.03 batch=32,64,128")
    }
    let parameters = try arguments.map { argument in
      let parts = argument.split(separator: "=", maxSplits: 1).map(String.init)
      guard parts.count == 2 else { throw UsageError("\(argument): write NAME=LOW..HIGH or NAME=A,B,C") }
      guard let scale = searchableParameters[parts[0]] else {
        let names = searchableParameters.keys.sorted().joined(separator: ", ")
        throw UsageError("\(parts[0]) cannot be searched: take some of \(names)")
      }
      do {
        return (name: parts[0], range: try SearchRange(parsing: parts[1], scale))
      } catch let error as SearchRangeError {
        throw UsageError("\(parts[0]): \(error)")
      }
    }
    if let twice = parameters.first(where: { one in parameters.count { $0.name == one.name } > 1 }) {
      throw UsageError("\(twice.name) is there twice")
    }
    return SearchSpace(parameters)
  }

  private static func settings(
    _ options: CommandLineOptions, _ ranks: Communicator, _ parameters: [String], _ values: [String]
  ) throws -> Settings {
    var values = Dictionary(uniqueKeysWithValues: zip(parameters, values))
    let dropout = values.removeValue(forKey: dropoutParameter)
    if let name = values.keys.first(where: { options.has("--" + $0) }) {
      throw UsageError("\(name) is searched, so --\(name) decides nothing: take one of them away")
    }
    let settings = try Settings(
      options.replacing(Dictionary(uniqueKeysWithValues: values.map { ("--" + $0, $1) })), ranks)
    return try dropout.map(settings.withDropout) ?? settings
  }
}

/// What can be searched: options of training, and the rate of all dropout layers. Learning rate and weight decay are tried in
/// steps of the same factor.
private let searchableParameters: [String: SearchRange.Scale] = [
  "lr": .logarithms, "weight-decay": .logarithms, "batch": .wholeNumbers, "optimizer": .numbers, "momentum": .numbers,
  "schedule": .numbers, "warm-up": .numbers, "clip": .numbers, "label-smoothing": .numbers, "average": .numbers,
  "augmentation": .numbers, dropoutParameter: .numbers,
]

private let dropoutParameter = "dropout"
