import DNNTrain
import Testing

@testable import DNNReport

/// Tests/tools.sh runs such commands and compares the files.
@Suite struct TrainingCommandTests {
  private let recipe = [
    "tool": "dnn-train 1.0", "architecture": "dense 8 relu; dense 10", "recipe": "mlp-8", "data": "mnist",
    "epochs": "10", "batch": "32", "optimizer": "adam", "learning-rate": "0.01", "schedule": "one-cycle", "seed": "1",
    "kept-epoch": "best",
  ]

  @Test func onlyWhatDnnTrainDoesNotTakeAnyway() {
    #expect(trainingCommand(recipe, outPath: "m.dnn") == "dnn-train --recipe mlp-8 --data mnist --out m.dnn")
    var changed = recipe
    changed["seed"] = "7"
    changed["learning-rate"] = "0.5"
    #expect(
      trainingCommand(changed, outPath: "m.dnn")
        == "dnn-train --recipe mlp-8 --data mnist --lr 0.5 --seed 7 --out m.dnn")
  }

  @Test("the last layer follows the data, which do not change the recipe")
  func otherClasses() {
    var changed = recipe
    changed["architecture"] = "dense 8 relu; dense 3"
    #expect(trainingCommand(changed, outPath: "m.dnn") == "dnn-train --recipe mlp-8 --data mnist --out m.dnn")
  }

  @Test("a file says adam of both; what differs is the weight decay")
  func adamWithWeightDecay() throws {
    let digits = try #require(Recipe(named: "digits"))
    var trained = [
      "tool": "dnn-train 1.0", "architecture": digits.architecture, "recipe": "digits", "data": "mnist", "epochs": "24",
      "batch": "128", "optimizer": "adam", "learning-rate": "0.004", "weight-decay": "0.01", "average-decay": "0.998",
      "schedule": "cosine, warm-up 1.0", "augmentation": try #require(digits.augmentation).description, "seed": "1",
    ]
    #expect(trainingCommand(trained, outPath: "m.dnn") == "dnn-train --recipe digits --data mnist --out m.dnn")
    trained["weight-decay"] = nil
    #expect(
      trainingCommand(trained, outPath: "m.dnn")
        == "dnn-train --recipe digits --data mnist --weight-decay 0.0 --out m.dnn")
    (trained["optimizer"], trained["learning-rate"]) = ("rmsprop", "0.001")
    #expect(
      trainingCommand(trained, outPath: "m.dnn")
        == "dnn-train --recipe digits --data mnist --optimizer rmsprop --out m.dnn")
  }

  @Test func layersThatAreNotTheRecipes() throws {
    var changed = recipe
    changed["architecture"] = "dense 9 relu; dense 10"
    let command = try #require(trainingCommand(changed, outPath: "m.dnn"))
    #expect(command.hasPrefix("dnn-train --arch 'dense 9 relu; dense 10' --data mnist"))
    #expect(command.contains(" --best-epoch"))
  }

  @Test func otherOrigins() {
    #expect(trainingCommand([:], outPath: "m.dnn") == nil)
    var foreign = recipe
    foreign["tool"] = "another"
    #expect(trainingCommand(foreign, outPath: "m.dnn") == nil)
  }

  /// Nothing in a file becomes a command of its own.
  @Test func wordsStayWords() {
    #expect(shellCommand(["a b", "", "$(c)", "d'e", "--f=g"]) == "'a b' '' '$(c)' 'd'\\''e' --f=g")
  }
}
