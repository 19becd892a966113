import DNNModel
import MNISTInfer

/// One layer of a network in training: its forward pass and its gradients, for the images of one shard at a time.
///
/// A layer holds its geometry, made once, and its packed weights, which all threads share; whatever a shard changes comes in
/// through `LayerPass`. So any number of threads may run `forward` and `backward` at once, each with a pass of its own, while
/// nobody runs `pack`.
protocol TrainableLayer: AnyObject {
  /// Unique in the network, like "conv1".
  var name: String { get }
  /// What the optimizer learns, in the order in which it stands in memory.
  var parameters: [Parameter] { get }
  /// Floats that a shard needs besides its values, from `forward` to `backward`.
  var scratchSize: Int { get }

  /// Brings some rows of a parameter into the form in which `forward` and `backward` read it, once all rows of it are what they
  /// will be: each call takes a share of the work, and reads what it likes. Calls for different rows may run at the same time.
  ///
  /// - Parameters:
  ///   - parameter: one of the layer's.
  ///   - rows: of the parameter's matrix.
  ///   - values: the layer's parameters.
  func pack(_ parameter: Parameter, rows: Range<Int>, from values: UnsafePointer<Float>)

  /// Computes the output's real pixels from the input.
  func forward(_ pass: LayerPass)

  /// Computes the gradient of the parameters, summed over the shard's images, and that of the inputs, from the gradient of the
  /// output, which it may change. A statistic's gradient is the shard's statistic times its share of the batch.
  ///
  /// - Parameters:
  ///   - pass: the same as `forward` had, besides its randomness.
  ///   - gradient: the shard's sum for this layer, in the order of `parameters`; overwritten.
  func backward(_ pass: LayerPass, gradient: UnsafeMutablePointer<Float>)

  /// Appends what runs in place of this layer in a model's file.
  ///
  /// - Parameters:
  ///   - builder: what is appended to.
  ///   - inputs: the values of the file that stand for the layer's inputs.
  ///   - values: the layer's parameters.
  /// - Returns: the value of the file that stands for the layer's output.
  /// - Throws: `CustomLayerError` if the format cannot express the layer.
  func export(to builder: inout ModelBuilder, inputs: [Int], values: UnsafePointer<Float>) throws -> Int
}

extension TrainableLayer {
  var parameters: [Parameter] { [] }
  var scratchSize: Int { 0 }
  func pack(_ parameter: Parameter, rows: Range<Int>, from values: UnsafePointer<Float>) {}
}

/// One shard on its way through one layer. Image i starts at i times the layout's size.
struct LayerPass {
  let imageCount: Int
  let input: UnsafeMutablePointer<Float>
  /// What a sum adds to its input; otherwise the input again.
  let secondInput: UnsafeMutablePointer<Float>
  let output: UnsafeMutablePointer<Float>
  /// nil where nothing before this layer learns.
  let inputGradient: UnsafeMutablePointer<Float>?
  /// nil where nothing before this layer learns, or there is no second input.
  let secondInputGradient: UnsafeMutablePointer<Float>?
  let outputGradient: UnsafeMutablePointer<Float>
  let parameters: UnsafePointer<Float>
  let scratch: UnsafeMutablePointer<Float>
  /// Randomness of this layer in this step; image i draws from stream `firstImage` + i. nil outside training, where the network
  /// computes what its model's file will.
  let noise: RandomKey?
  let firstImage: Int
  /// For `backward`: the shard's images over those of the batch.
  let share: Float
}

/// Where a layer finds its values and their gradients.
struct LayerLayouts {
  var input: ValueLayout
  /// Of what a sum adds to its input.
  var secondInput: ValueLayout?
  var output: ValueLayout
  /// nil where nothing before this layer learns.
  var inputGradient: ValueLayout?
  var secondInputGradient: ValueLayout?
  var outputGradient: ValueLayout
}

/// What a layer makes of its input's shape, and the zeros that it wants around its input and in its output's gradient.
struct LayerGeometry {
  var output: Shape
  var inputBorder = ValueLayout.Border()
  var gradientBorder = ValueLayout.Border()
  var gradientSpacing = ValueLayout.Spacing()
  /// For a convolution: whether it is computed by Winograd's method.
  var isWinograd = false
}
