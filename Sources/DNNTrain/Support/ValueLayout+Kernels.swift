import CKernels

extension ValueLayout {
  /// The real pixels of one image of a shard, as the training kernels see them.
  ///
  /// - Parameters:
  ///   - index: of the image.
  ///   - values: the shard's.
  /// - Returns: its first pixel and the strides.
  func image(_ index: Int, of values: UnsafeMutablePointer<Float>) -> dnn_image {
    dnn_image(pixels: values + index * size + pixel(0, 0), row_stride: rowStep, pixel_stride: pixelStep)
  }

  /// Pixels of an image, and their channels with the padding.
  var imageSize: dnn_image_size {
    dnn_image_size(rows: shape.height, columns: shape.width, channels: pixelStride)
  }
}
