import MNISTInfer

/// Memory for one shard on its way through a network and back: values, gradients and what layers remember in between. Zero at
/// first; each thread has its own.
final class Workspace {
  private let memory: Buffer<Float>
  /// Value i of the shard's images.
  let values: [UnsafeMutablePointer<Float>]
  /// The gradient of value i; empty where nothing before it learns.
  let gradients: [UnsafeMutablePointer<Float>]
  /// Layer i's own.
  let scratch: [UnsafeMutablePointer<Float>]

  init(_ network: TrainableNetwork) throws(Failure) {
    let alignment = memoryAlignment / MemoryLayout<Float>.stride
    var size = 0
    func reserve(_ count: Int) -> Int {
      defer { size += roundUp(count * shardSize, to: alignment) }
      return size
    }
    let valueOffsets = network.values.map { reserve($0.size) }
    let gradientOffsets = network.gradients.map { reserve($0?.size ?? 0) }
    let scratchOffsets = network.layers.map { reserve($0.scratchSize) }
    memory = try Buffer(count: size)
    let start = memory.start
    values = valueOffsets.map { start + $0 }
    gradients = gradientOffsets.map { start + $0 }
    scratch = scratchOffsets.map { start + $0 }
  }

  /// Writes 8-bit pictures, scaled to 0…1 by the factor that a model's file holds too, into value 0.
  func load(_ picture: UnsafePointer<UInt8>, as index: Int, _ layout: ValueLayout) {
    let rowCount = layout.shape.width * layout.shape.channels
    for y in 0..<layout.shape.height {
      let source = picture + y * rowCount
      let target = values[0] + index * layout.size + layout.pixel(y, 0)
      if layout.pixelStride == layout.shape.channels {
        for element in 0..<rowCount { target[element] = Float(source[element]) * Workspace.pixelScale }
      } else {
        for element in 0..<rowCount {
          let (x, channel) = element.quotientAndRemainder(dividingBy: layout.shape.channels)
          target[x * layout.pixelStride + channel] = Float(source[element]) * Workspace.pixelScale
        }
      }
    }
  }

  static let pixelScale: Float = 1 / 255
}
