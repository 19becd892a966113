import DNNCommandLine
import DNNTrain
import Foundation

/// What people see while a network trains, all on standard error.
final class Display {
  private let isQuiet: Bool
  private var liveLine = Terminal.LiveLine()

  init(isQuiet: Bool) { self.isQuiet = isQuiet }

  func note(_ text: String) {
    if !isQuiet { Terminal.note(text) }
  }

  func begin(_ settings: Settings, _ trainer: Trainer, training: Int, heldOut: Int) {
    let options = trainer.options
    note(
      """
      \(trainer.architecture.description)
      \(trainer.parameterCount) parameters; \(training) images, \(heldOut) held out; batches of \(options.batchSize), \
      \(options.optimizer.name) with learning rate \(options.optimizer.learningRate), seed \(options.seed), \
      \(options.threads) threads
      """)
    let extras = [
      options.schedule == LearningRateSchedule() ? nil : "schedule \(options.schedule)",
      options.weightDecay > 0 ? "weight decay \(options.weightDecay)" : nil,
      options.augmentation == Augmentation() ? nil : "augmentation: \(options.augmentation)",
    ].compactMap(\.self)
    if !extras.isEmpty { note(extras.joined(separator: "; ")) }
  }

  func show(_ progress: TrainingProgress) {
    if isQuiet { return }
    if let accuracy = progress.heldOutAccuracy {
      liveLine.clear()
      Terminal.note(
        line(progress) + ", held-out \(percent(accuracy)), \(decimal(progress.seconds, digits: 1)) s")
    } else if Terminal.isInteractive {
      liveLine.show(line(progress) + ", \(100 * progress.imagesDone / progress.imageCount) %")
    }
  }

  private func line(_ progress: TrainingProgress) -> String {
    let rate = Int(Double(progress.imagesTimed) / max(progress.seconds, 1e-9))
    return "epoch \(progress.epoch)/\(progress.epochs): loss \(decimal(progress.loss, digits: 4)), \(rate) images/s"
  }
}

func percent(_ share: Double) -> String { decimal(100 * share, digits: 2) + " %" }

private func decimal(_ value: Double, digits: Int) -> String { String(format: "%.\(digits)f", value) }
