import CKernels
import MNISTInfer

/// The elements under a window as runs of equal length that are contiguous in memory: as long as the layout allows, because
/// the matrix product starts a loop for each.
struct TapRuns {
  /// Floats from the window's first element to that of each run.
  let offsets: [Int32]
  /// Elements of a run.
  let depth: Int

  init(height: Int, width: Int, over layout: ValueLayout) {
    let channels = layout.shape.channels
    let isRowARun = layout.pixelStride == channels
    let runsOfRow = isRowARun ? 1 : width
    depth = isRowARun ? width * channels : channels
    offsets = (0..<height * runsOfRow).map {
      Int32($0 / runsOfRow * layout.rowStride + $0 % runsOfRow * layout.pixelStride)
    }
  }
}

/// A table of offsets, as kernels read it.
func offsetTable(_ offsets: [Int]) throws(Failure) -> Buffer<Int32> {
  let table = try Buffer<Int32>(count: offsets.count)
  for (index, offset) in offsets.enumerated() { table[index] = Int32(offset) }
  return table
}
