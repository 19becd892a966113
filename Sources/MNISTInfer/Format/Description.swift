/// What a file says besides its network: what the classes are called, and how pictures reach the network.

/// How a picture of any size becomes the network's input; see `PreparationRecord`.
public struct Preparation: BitwiseCopyable, Sendable {
  /// Which way round the brightness goes.
  public var polarity: Polarity
  /// How the picture is fitted into the input.
  public var placement: Placement
  /// Rows of the box that the ink is scaled to fit; 0 for `Placement.stretch`.
  public var boxHeight: Int
  /// Columns of that box.
  public var boxWidth: Int
  /// What is done besides; empty for `Placement.stretch`.
  public var steps: PreparationSteps

  /// A preparation; the box is zero for `Placement.stretch`.
  public init(
    polarity: Polarity, placement: Placement, boxHeight: Int, boxWidth: Int, steps: PreparationSteps = .none
  ) {
    self.polarity = polarity
    self.placement = placement
    self.boxHeight = boxHeight
    self.boxWidth = boxWidth
    self.steps = steps
  }
}

func readPreparation(_ container: Container, input: Shape) throws(Failure) -> Preparation {
  let (record, isClean) = try readRecord(PreparationRecord.self, container, .preparation)
  guard isClean else { throw Failure(.damaged, "section PREP: reserved bytes are not zero") }
  guard let polarity = Polarity(rawValue: record.polarity) else {
    throw Failure(.unsupported, "section PREP: polarity \(record.polarity) needs a newer library")
  }
  guard let placement = Placement(rawValue: record.placement) else {
    throw Failure(.unsupported, "section PREP: placement \(record.placement) needs a newer library")
  }
  let (height, width) = (Int(clamping: record.boxHeight), Int(clamping: record.boxWidth))
  switch placement {
  case .stretch:
    guard height == 0, width == 0 else { throw Failure(.damaged, "section PREP: a box that nothing uses") }
  case .centreOfMass, .fit:
    guard input.channels == 1 else {
      throw Failure(
        .damaged, "section PREP: placement in a box takes an input of one channel, not \(input.channels)")
    }
    guard height >= 1, width >= 1, height <= input.height, width <= input.width else {
      throw Failure(.damaged, "section PREP: a box of \(height)×\(width) does not fit the input")
    }
  }
  let steps = PreparationSteps(rawValue: record.steps)
  guard PreparationSteps.all.contains(steps) else {
    throw Failure(.unsupported, "section PREP: steps \(record.steps) need a newer library")
  }
  let isUsed =
    (steps == .none || placement != .stretch) && (!steps.contains(.colour) || polarity == .lightOnDark)
    && (!steps.contains(.strokes) || placement == .centreOfMass)
  guard isUsed else {
    throw Failure(.damaged, "section PREP: steps \(record.steps) do not go with polarity and placement")
  }
  return Preparation(polarity: polarity, placement: placement, boxHeight: height, boxWidth: width, steps: steps)
}

/// Scale and offset of each channel; see `NormalisationRecord`.
func readNormalisation(_ container: Container, input: Shape) throws(Failure) -> NormalisationRecord {
  let record = try readRecord(NormalisationRecord.self, container, .normalisation).record
  let scales = [record.scale.0, record.scale.1, record.scale.2, record.scale.3] as InlineArray<4, Float>
  let offsets = [record.offset.0, record.offset.1, record.offset.2, record.offset.3] as InlineArray<4, Float>
  for channel in 0..<4 {
    let isUsed = channel < input.channels
    let isValid =
      isUsed
      ? scales[channel].isFinite && scales[channel] != 0 && offsets[channel].isFinite
      : scales[channel].bitPattern == 0 && offsets[channel].bitPattern == 0
    guard isValid else {
      throw Failure(.damaged, "section NORM: scale or offset of channel \(channel) is out of range")
    }
  }
  return record
}

/// The classes' names, as C strings inside the file's bytes.
func readLabels(_ container: Container, classCount: Int) throws(Failure) -> Buffer<UnsafePointer<CChar>?> {
  var reader = TextReader(.labels, container.required(.labels))
  let count = try reader.count(limit: Limits.classes)
  guard count == classCount else {
    throw Failure(.damaged, "section LABL: \(count) labels for \(classCount) classes")
  }
  let labels = try Buffer<UnsafePointer<CChar>?>(count: count)
  for index in 0..<count {
    labels[index] = UnsafeRawPointer(try reader.string().baseAddress)?.assumingMemoryBound(to: CChar.self)
  }
  try reader.finish()
  return labels
}

/// Checks the texts of a section of keys and values: a count of pairs, then key, value, key, value…, keys ascending by their
/// bytes.
func checkPairs(_ kind: SectionKind, _ container: Container) throws(Failure) {
  guard let section = container.section(kind) else { return }
  var reader = TextReader(kind, section)
  var previous: UnsafeBufferPointer<UInt8>?
  for _ in 0..<(try reader.count(limit: Limits.pairs)) {
    let key = try reader.string()
    if let previous, !isAscending(previous, key) {
      throw Failure(.damaged, "section \(kind.tag): key \"\(key)\" is twice there or out of order")
    }
    previous = key
    _ = try reader.string()
  }
  try reader.finish()
}

private func isAscending(_ a: UnsafeBufferPointer<UInt8>, _ b: UnsafeBufferPointer<UInt8>) -> Bool {
  for index in 0..<min(a.count, b.count) where a[index] != b[index] { return a[index] < b[index] }
  return a.count < b.count
}

/// Checks that the history's section is whole records, and that their numbers can be what they are called.
func checkHistory(_ container: Container) throws(Failure) {
  guard let section = container.section(.history), let start = section.baseAddress else { return }
  guard section.count % EpochRecord.size == 0 else {
    throw Failure(.damaged, "section HIST: \(section.count) bytes are no whole records of \(EpochRecord.size)")
  }
  let count = section.count / EpochRecord.size
  guard count <= Limits.epochs else {
    throw Failure(.damaged, "section HIST: \(count) epochs; the format allows \(Limits.epochs)")
  }
  for index in 0..<count {
    let (record, isClean) = EpochRecord.read(start + index * EpochRecord.size)
    guard isClean else { throw Failure(.damaged, "section HIST: reserved bytes of epoch \(index) are not zero") }
    guard isMagnitude(record.trainingLoss), isMagnitude(record.heldOutLoss), isMagnitude(record.learningRate) else {
      throw Failure(.damaged, "section HIST: a loss or the learning rate of epoch \(index) is out of range")
    }
    guard isShare(record.trainingAccuracy), isShare(record.heldOutAccuracy) else {
      throw Failure(.damaged, "section HIST: an accuracy of epoch \(index) is not between 0 and 1")
    }
  }
}

private func isMagnitude(_ value: Float) -> Bool { value >= 0 && value < .infinity }

private func isShare(_ value: Float) -> Bool { value >= 0 && value <= 1 }

/// Checks the size of the self-test's section and that its numbers are probabilities.
func checkSelfTest(_ container: Container, input: Shape, classCount: Int) throws(Failure) {
  guard let section = container.section(.selfTest) else { return }
  let record = try readRecord(SelfTestRecord.self, container, .selfTest, exactly: false).record
  guard record.count >= 1, record.count <= Limits.selfTests else {
    throw Failure(.damaged, "section TEST: \(record.count) pictures; the format allows 1 to \(Limits.selfTests)")
  }
  guard isShare(record.tolerance) else {
    throw Failure(.damaged, "section TEST: the tolerance is not between 0 and 1")
  }
  let (count, pixels) = (Int64(record.count), Int64(record.count) * Int64(input.count))
  let padded = (pixels + 3) & ~3
  guard Int64(section.count) == Int64(SelfTestRecord.size) + padded + count * 4 * Int64(classCount) else {
    throw Failure(
      .damaged, "section TEST: \(section.count) bytes do not hold \(record.count) pictures and their results")
  }
  let pictures = Int(padded)
  for index in (SelfTestRecord.size + Int(pixels))..<(SelfTestRecord.size + pictures) where section[index] != 0 {
    throw Failure(.damaged, "section TEST: the padding is not zero")
  }
  for index in 0..<(Int(count) * classCount) {
    let offset = SelfTestRecord.size + pictures + 4 * index
    let probability = Float(
      bitPattern: UInt32(littleEndian: section.loadUnaligned(fromByteOffset: offset, as: UInt32.self)))
    guard isShare(probability) else {
      throw Failure(.damaged, "section TEST: result \(index) is not a probability")
    }
  }
}

private func readRecord<Content: Record>(
  _: Content.Type, _ container: Container, _ kind: SectionKind, exactly: Bool = true
) throws(Failure) -> (record: Content, reservedAreZero: Bool) {
  guard let section = container.section(kind), let start = section.baseAddress, section.count >= Content.size,
    !exactly || section.count == Content.size
  else {
    throw Failure(.damaged, "section \(kind.tag) has the wrong size; a record of \(Content.size) bytes is expected")
  }
  return Content.read(start)
}
