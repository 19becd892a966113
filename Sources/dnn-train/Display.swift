import DNNCommandLine
import DNNModel
import DNNTrain

/// What people see while a network trains, all on standard error.
final class Display {
  private let isQuiet: Bool
  private var liveLine = Terminal.LiveLine()
  private var remainingTime = RemainingTime()

  init(isQuiet: Bool) { self.isQuiet = isQuiet }

  func note(_ text: String) {
    if !isQuiet { Terminal.note(text) }
  }

  func begin(_ settings: Settings, _ trainer: Trainer, training: Int, heldOut: Int) {
    let options = trainer.options
    note(
      """
      \(trainer.architecture.description)
      \(grouped(trainer.parameterCount)) parameters to train; \(grouped(training)) images, \(grouped(heldOut)) held out
      batches of \(options.batchSize), \(options.optimizer.name) with learning rate \(options.optimizer.learningRate), \
      seed \(options.seed), \(options.ranks.isAlone ? "" : "\(options.ranks.rankCount) ranks of ")\(options.threads) threads
      """)
    let extras = [
      options.schedule == LearningRateSchedule() ? nil : "schedule \(shortText(options.schedule))",
      options.weightDecay > 0 ? "weight decay \(options.weightDecay)" : nil,
      options.augmentation == Augmentation() ? nil : "augmentation: \(options.augmentation)",
    ].compactMap(\.self)
    if !extras.isEmpty { note(extras.joined(separator: "; ")) }
  }

  func show(_ progress: TrainingProgress) {
    if isQuiet { return }
    if let loss = progress.heldOutLoss, let accuracy = progress.heldOutAccuracy {
      liveLine.clear()
      Terminal.note(
        "\(line(progress)); held out \(decimal(loss, 4)), \(percent(accuracy)); \(Int(progress.imagesPerSecond))/s, "
          + "\(decimal(progress.seconds, 1)) s")
    } else if Terminal.isInteractive {
      let left = remainingTime.update(progress).map { ", \($0) left" } ?? ""
      let done = 100 * progress.imagesDone / progress.imageCount
      liveLine.show("\(line(progress)); \(Int(progress.imagesPerSecond)) images/s, \(done) % done\(left)")
    }
  }

  /// What is known while an epoch goes on, too: on a terminal of 80 columns, the rest of its line has room behind.
  private func line(_ progress: TrainingProgress) -> String {
    "epoch \(progress.epoch)/\(progress.epochs): loss \(decimal(progress.loss, 4)), \(percent(progress.accuracy))"
  }

  private func shortText(_ schedule: LearningRateSchedule) -> String {
    var course = schedule
    course.warmUp = 0
    return "\(course)" + (schedule.warmUp > 0 ? ", warm-up \(significant(schedule.warmUp, 3))" : "")
  }
}

func percent(_ share: Double) -> String { decimal(100 * share, 2) + " %" }

/// How long a training will still take, by how long this process has needed for each image, measuring epochs included.
private struct RemainingTime {
  private var start: (time: ContinuousClock.Instant, images: Int)?

  /// - Returns: as hours, minutes and seconds; nil until there is something to go by.
  mutating func update(_ progress: TrainingProgress) -> String? {
    let now = ContinuousClock.now
    let done = (progress.epoch - 1) * progress.imageCount + progress.imagesDone
    guard let start, done > start.images, now - start.time > .seconds(1) else {
      start = start ?? (now, done)
      return nil
    }
    let left = progress.epochs * progress.imageCount - done
    let seconds = Int((now - start.time) / .seconds(1) * Double(left) / Double(done - start.images))
    let (hours, minutes) = (seconds / 3600, seconds / 60 % 60)
    return (hours > 0 ? "\(hours):\(zeroPadded(minutes, 2))" : "\(minutes)") + ":\(zeroPadded(seconds % 60, 2))"
  }
}
