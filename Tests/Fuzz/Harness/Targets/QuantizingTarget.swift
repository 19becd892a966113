import DNNModel
import DNNTrain
import MNISTInfer

extension FuzzTarget {
  /// Making an 8-bit model of whatever model is read.
  static let quantizing = FuzzTarget(
    name: "quantizing", seeds: { try goldenFiles(["valid"])() + randomFiles() }, mutate: DNNSections.mutate
  ) { input in
    let block = Block(copying: input)
    DNNSections.repairChecksums(block.bytes)
    let file = try ModelFile(decoding: Array(block.bytes))
    guard file.isSmall else { return }
    let options = QuantizationOptions(weightsOnly: input.count % 2 == 0, threads: 1)
    let quantizer = try Quantizer(file, training: file.images(3), heldOut: file.images(2), options: options)
    let quantized = try quantizer.quantize().file
    let bytes = try unfailing("what was quantized is written") { try quantized.encoded() }
    let again = try unfailing("and read") { try ModelFile(decoding: bytes) }
    check(again.labels == file.labels && again.layers.last?.output == file.layers.last?.output, "with the same classes")
    let test = try Classifier(bytes: bytes, threads: 1).verify()
    check(test.largestDifference <= test.tolerance, "its self-test passes")
  }
}
