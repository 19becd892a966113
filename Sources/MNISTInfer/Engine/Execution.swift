import CKernels
import CPlatform

/// One thread's share of the work on a chunk of pictures: part `part` of `parts`.
///
/// The parts of a step write disjoint memory, and every element is computed the same way whichever part it falls to.
struct Execution {
  let plan: UnsafeMutablePointer<Plan>
  let arena: UnsafeMutableRawPointer
  /// What this thread needs besides: a block of rows of a convolution in groups, or of tiles of Winograd's method, or a
  /// tile's sums.
  let scratch: UnsafeMutableRawPointer
  let part: Int
  let parts: Int

  /// All of the work for this thread.
  var alone: Execution { Execution(plan: plan, arena: arena, scratch: scratch, part: 0, parts: 1) }

  private var elementSize: Int { plan.pointee.isInteger ? 1 : MemoryLayout<Float>.stride }

  /// One picture of a value.
  private func address(_ value: ValueLayout, _ picture: Int) -> UnsafeMutableRawPointer {
    arena + (value.offset * plan.pointee.chunk + picture * value.size) * elementSize
  }

  /// The same, of a float model.
  func floats(_ value: ValueLayout, _ picture: Int = 0) -> UnsafeMutablePointer<Float> {
    arena.assumingMemoryBound(to: Float.self) + value.offset * plan.pointee.chunk + picture * value.size
  }

  /// The same, of an integer model.
  func bytes(_ value: ValueLayout, _ picture: Int = 0) -> UnsafeMutablePointer<UInt8> {
    arena.assumingMemoryBound(to: UInt8.self) + value.offset * plan.pointee.chunk + picture * value.size
  }

  func layout(_ value: Int) -> ValueLayout { plan.pointee.values[value] }

  /// Where what a step reads stands.
  func source(_ step: Step) -> ValueLayout { plan.pointee.values.memory(ofValue: step.inputs.0) }

  /// The half-open share of `count` equal pieces that is this part's.
  func share(_ count: Int) -> Range<Int> { (count * part / parts)..<(count * (part + 1) / parts) }

  /// Writes 8-bit pictures, normalised, into value 0.
  func load(_ pictures: UnsafePointer<UInt8>, count: Int, _ normalisation: NormalisationRecord) {
    let value = layout(0)
    let shape = value.shape
    if plan.pointee.isInteger { return copyBytes(pictures, count: count, to: value) }
    fillBorder(value, count: count, with: 0)
    let scale =
      [normalisation.scale.0, normalisation.scale.1, normalisation.scale.2, normalisation.scale.3]
      as InlineArray<4, Float>
    let offset =
      [normalisation.offset.0, normalisation.offset.1, normalisation.offset.2, normalisation.offset.3]
      as InlineArray<4, Float>
    // Without a border, a picture is one long row.
    let (height, width) = value.border.isEmpty ? (1, shape.height * shape.width) : (shape.height, shape.width)
    for row in share(count * height) {
      let (picture, y) = (row / height, row % height)
      let source = pictures + row * width * shape.channels
      let target = floats(value, picture) + value.pixel(y, 0)
      if shape.channels == 1 && value.pixelStride == 1 {
        // Grey, the usual case.
        var job = dnn_pixels_job(bytes: source, values: target, count: width, scale: scale[0], offset: offset[0])
        plan.pointee.kernels.read_pixels(&job)
        continue
      }
      for x in 0..<width {
        for channel in 0..<shape.channels {
          target[x * value.pixelStride + channel] =
            Float(source[x * shape.channels + channel]) * scale[channel] + offset[channel]
        }
      }
    }
  }

  /// Runs one step on the first `count` pictures of the chunk. Softmax writes `probabilities`, count × classes.
  func run(_ step: Step, count: Int, probabilities: UnsafeMutablePointer<Float>) {
    let output = layout(step.output)
    if case .integer(let operation) = step.operation {
      return run(operation, step, count: count, probabilities: probabilities)
    }
    if output.viewOf == nil { fillBorder(output, count: count, with: 0) }
    switch step.operation {
    case .product(let product): runProduct(product, step, count)
    case .winograd(let winograd): runWinograd(winograd, step, count)
    case .depthwise(let depthwise): runDepthwise(depthwise, step, count)
    case .pool(let pool): runPool(pool, step, count)
    case .add: runElementwise(step, count, isAddition: true)
    case .activate: runElementwise(step, count, isAddition: false)
    case .flatten: flatten(step, count)
    case .softmax:
      let input = layout(step.inputs.0)
      let classes = plan.pointee.classCount
      for picture in share(count) {
        plan.pointee.kernels.softmax(
          floats(input, picture) + input.pixel(0, 0), probabilities + picture * classes, classes)
      }
    case .nothing, .integer: break
    }
  }

  /// Sets every byte of the border of each picture: the gaps before the first row of pixels, between two rows, and behind the
  /// last.
  func fillBorder(_ value: ValueLayout, count: Int, with byte: UInt8) {
    if value.border.isEmpty { return }
    let shape = value.shape
    let rows = shape.height + value.border.top + value.border.bottom
    for gap in share(count * (shape.height + 1)) {
      let (picture, y) = (gap / (shape.height + 1), gap % (shape.height + 1))
      let start = y == 0 ? 0 : value.pixel(y - 1, shape.width)
      let end = y == shape.height ? rows * value.rowStride : value.pixel(y, 0)
      memset(address(value, picture) + start * elementSize, Int32(byte), (end - start) * elementSize)
    }
  }

  /// Copies what is to be flattened, pixel by pixel, without border and padding.
  func flatten(_ step: Step, _ count: Int) {
    let (input, output) = (layout(step.inputs.0), layout(step.output))
    let shape = input.shape
    let pixelSize = shape.channels * elementSize
    for row in share(count * shape.height) {
      let (picture, y) = (row / shape.height, row % shape.height)
      let from = address(input, picture) + input.pixel(y, 0) * elementSize
      let to = address(output, picture) + output.pixel(0, 0) * elementSize + y * shape.width * pixelSize
      for x in 0..<shape.width { memcpy(to + x * pixelSize, from + x * input.pixelStride * elementSize, pixelSize) }
    }
  }

  /// Calls `body` with a picture, rows and panels of an implicit matrix product: all that falls to this part.
  ///
  /// Many output pixels a picture: rows are pixels, picture after picture. One output a picture: rows are pictures, and the
  /// picture is 0; a few rows are shared out by panels where the product `splits`, so that each thread reads its part of the
  /// weights only.
  func forEachShare(
    of tables: RowTables, count: Int, panels: Int, splits: Bool, _ body: (Int, Range<Int>, Range<Int>) -> Void
  ) {
    let sharesPanels = tables.rows == 1 && splits && parts > 1 && count < 6 * parts
    let all = sharesPanels ? 0..<count : share(count * tables.rows)
    let panelShare = sharesPanels ? share(panels) : 0..<panels
    let perPicture = tables.rows == 1 ? count : tables.rows
    var row = all.lowerBound
    while row < all.upperBound {
      let picture = row / perPicture
      let end = min(all.upperBound, (picture + 1) * perPicture)
      body(picture, (row - picture * perPicture)..<(end - picture * perPicture), panelShare)
      row = end
    }
  }
}
