import DNNModel
import Foundation
import Testing

@testable import DNNTrain

@Suite struct SearchTests {
  @Test func ranges() throws {
    #expect(try SearchRange(parsing: "0.001..0.1", .logarithms) == .interval(0.001...0.1, .logarithms))
    #expect(try SearchRange(parsing: "32, 64,128", .wholeNumbers) == .choices(["32", "64", "128"]))
    #expect(try SearchRange(parsing: "adam", .numbers) == .choices(["adam"]))
    #expect(try SearchRange(parsing: "1e-5..1", .numbers) == .interval(1e-5...1, .numbers))
  }

  @Test(
    "what is no range is refused",
    arguments: ["", "1,,2", "2..1", "a..b", "1..2..3", "..", "nan..1", "0..inf"])
  func mistakes(text: String) {
    let error = #expect(throws: SearchRangeError.self) { try SearchRange(parsing: text, .numbers) }
    #expect(error?.description.contains("no range") == true, "\(text)")
  }

  @Test func mistakesOfAScale() {
    #expect(throws: SearchRangeError.noLogarithm("0..1")) { try SearchRange(parsing: "0..1", .logarithms) }
    #expect(throws: SearchRangeError.noWholeNumbers("1..2.5")) { try SearchRange(parsing: "1..2.5", .wholeNumbers) }
  }

  private func space(_ parameters: [(String, String, SearchRange.Scale)]) throws -> SearchSpace {
    SearchSpace(try parameters.map { (name: $0.0, range: try SearchRange(parsing: $0.1, $0.2)) })
  }

  @Test("what is drawn is in its range, spread over it, and the same for a seed")
  func drawing() throws {
    let space = try space([
      ("lr", "0.0001..1", .logarithms), ("dropout", "0.2..0.6", .numbers), ("batch", "8..11", .wholeNumbers),
      ("optimizer", "adam,sgd", .numbers),
    ])
    let trials = space.draw(400, seed: 1)
    #expect(trials.count == 400 && Set(trials).count == 400)
    #expect(trials == space.draw(400, seed: 1) && trials != space.draw(400, seed: 2))
    #expect(Array(trials.prefix(10)) == space.draw(10, seed: 1), "fewer trials are the first of more")
    let rates = try trials.map { try #require(Double($0[0])) }
    #expect(rates.allSatisfy { (0.0001...1).contains($0) })
    // A quarter of all in each of four decades; 400 draws are off by more than 45 once in 10^7.
    for decade in 0..<4 {
      let count = rates.count { $0 >= pow(10, Double(decade - 4)) && $0 < pow(10, Double(decade - 3)) }
      #expect(abs(count - 100) < 45, "decade \(decade): \(count)")
    }
    let dropouts = try trials.map { try #require(Double($0[1])) }
    #expect(dropouts.allSatisfy { (0.2...0.6).contains($0) } && abs(dropouts.reduce(0, +) / 400 - 0.4) < 0.03)
    #expect(Set(trials.map { $0[2] }) == ["8", "9", "10", "11"])
    #expect(Set(trials.map { $0[3] }) == ["adam", "sgd"])
  }

  @Test("a space of few combinations gives each once")
  func fewCombinations() throws {
    let trials = try space([("batch", "32,64,128", .wholeNumbers), ("nesterov", "a,b", .numbers)]).draw(27, seed: 3)
    #expect(trials.count == 6 && Set(trials).count == 6)
  }

  @Test(
    "the best third goes on to three times the epochs",
    arguments: [
      (27, 27, [[27, 1], [9, 3], [3, 9], [1, 27]]), (27, 10, [[27, 1], [9, 3], [3, 10]]), (5, 9, [[5, 3], [1, 9]]),
      (2, 10, [[2, 10]]), (30, 1, [[30, 1]]), (9, 20, [[9, 2], [3, 7], [1, 20]]),
    ])
  func halving(trials: Int, epochs: Int, expected: [[Int]]) {
    #expect(SearchPlan.halving(trials: trials, epochs: epochs).steps.map { [$0.trials, $0.epochs] } == expected)
    #expect(
      SearchPlan.random(trials: trials, epochs: epochs).steps.map { [$0.trials, $0.epochs] } == [[trials, epochs]])
  }

  @Test("more accurate is better, then the smaller loss; the last epoch counts, or the best if that is kept")
  func scores() {
    func epoch(_ accuracy: Float, _ loss: Float) -> TrainingEpoch {
      TrainingEpoch(
        trainingLoss: 1, trainingAccuracy: 0.5, heldOutLoss: loss, heldOutAccuracy: accuracy, learningRate: 0.1)
    }
    let history = [epoch(0.5, 0.2), epoch(0.75, 0.5), epoch(0.75, 0.25), epoch(0.625, 0.1)]
    let (last, best) = (TrialScore(history, keepsBestEpoch: false), TrialScore(history, keepsBestEpoch: true))
    #expect(last.accuracy == 0.625 && last.loss == 0.1)
    #expect(best.accuracy == 0.75 && best.loss == 0.5, "the first of the best epochs is the one that is kept")
    #expect(last < best && .diverged < last)
    #expect(best < TrialScore([epoch(0.75, 0.25)], keepsBestEpoch: false))
  }

  @Test func dropoutRates() throws {
    let architecture = try Architecture(parsing: "dropout 0.1; dense 5 relu; dropout 0.2; dense 3")
    #expect(try architecture.withDropout(rate: 0.5)?.description == "dropout 0.5; dense 5 relu; dropout 0.5; dense 3")
    #expect(throws: ArchitectureError.self) { try architecture.withDropout(rate: 1) }
    #expect(try Architecture(parsing: "dense 3").withDropout(rate: 0.5) == nil)
  }
}
