import CKernels
import MNISTInfer

/// The elements under a window as runs of equal length that are contiguous in memory: as long as the layout allows, because
/// the matrix product starts a loop for each.
struct TapRuns {
  /// Floats from the window's first element to that of each run.
  let offsets: [Int32]
  /// Elements of a run.
  let depth: Int

  init(_ window: Window, over layout: ValueLayout) {
    let channels = layout.shape.channels
    let isRowARun = layout.pixelStride * window.dilationWidth == channels
    let runsOfRow = isRowARun ? 1 : window.width
    depth = isRowARun ? window.width * channels : channels
    let (rowStep, step) = (window.dilationHeight * layout.rowStride, window.dilationWidth * layout.pixelStride)
    offsets = (0..<window.height * runsOfRow).map { Int32($0 / runsOfRow * rowStep + $0 % runsOfRow * step) }
  }
}

/// A table of offsets, as kernels read it.
func offsetTable(_ offsets: [Int]) throws(Failure) -> Buffer<Int32> {
  let table = try Buffer<Int32>(count: offsets.count)
  for (index, offset) in offsets.enumerated() { table[index] = Int32(offset) }
  return table
}
