extension Recipe {
  /// All recipes, from the smallest network to the largest of each kind. Settings were chosen on images held out of the
  /// training set.
  public static let all = [
    Recipe(
      "mlp-8", "one hidden layer of 8", "dense 8 relu; dense 10", epochs: 10, batchSize: 32, learningRate: 0.01,
      schedule: .init(.oneCycle)),
    Recipe(
      "mlp-128", "one hidden layer of 128", "dense 128 relu; dense 10", epochs: 10, batchSize: 32, learningRate: 0.003,
      schedule: .init(.oneCycle), labelSmoothing: 0.1),
    Recipe(
      "fcn-128-64", "two hidden layers", "dense 128 relu; dense 64 relu; dense 10", epochs: 5, batchSize: 64,
      optimizer: .sgd, learningRate: 0.01),
    Recipe(
      "ffn-64-64", "two hidden layers with dropout",
      "dense 64 relu; dropout 0.5; dense 64 relu; dropout 0.5; dense 10", epochs: 40, batchSize: 128,
      averageDecay: 0.999),
    Recipe(
      "cnn-sgd", "the network of cnn, trained by stochastic gradient descent", cnn, epochs: 5, batchSize: 64,
      optimizer: .sgd, learningRate: 0.01),
    Recipe(
      "cnn", "two convolutions", cnn, epochs: 10, batchSize: 32, learningRate: 0.002, schedule: .init(.oneCycle)),
    Recipe(
      "convnet", "two convolutions, dropout",
      "conv 32 3x3 relu; maxpool 2; conv 64 3x3 relu; maxpool 2; flatten; dense 128 relu; dropout 0.5; dense 10",
      epochs: 10, batchSize: 128, learningRate: 0.003, schedule: .init(.oneCycle), keepsBestEpoch: false),
    Recipe(
      "digits", "five convolutions with batch normalisation: the model inside the library",
      "conv 16 3x3; batchnorm relu; conv 16 3x3; batchnorm relu; maxpool 2; "
        + "conv 32 3x3; batchnorm relu; conv 48 3x3; batchnorm relu; maxpool 2; dropout 0.1; "
        + "conv 96 3x3; batchnorm relu; dropout 0.2; dense 10",
      epochs: 24, batchSize: 128, optimizer: .adamw, learningRate: 0.004, schedule: .init(.cosine, warmUp: 1),
      averageDecay: 0.998, augmentation: handwriting, keepsBestEpoch: false),
    Recipe(
      "lenet5", "LeNet-5 with ReLU and maximum pooling (LeCun, Bottou, Bengio, Haffner, 1998)",
      "conv 6 5x5 pad 2 relu; maxpool 2; conv 16 5x5 relu; maxpool 2; dense 120 relu; dense 84 relu; dense 10",
      epochs: 15, batchSize: 64),
    // The picture with two zeros on each side is 32x32.
    Recipe(
      "fashion-cnn", "two convolutions for Fashion-MNIST",
      "conv 32 3x3 pad 2 relu; maxpool 2; conv 64 3x3 relu; maxpool 2; dense 128 relu; dense 10",
      epochs: 12, batchSize: 128, learningRate: 0.002, schedule: .init(.oneCycle), augmentation: flip),
    Recipe(
      "vgg-small", "blocks of two convolutions with batch normalisation",
      "conv 32 3x3; batchnorm relu; conv 32 3x3; batchnorm relu; maxpool 2; dropout 0.1; "
        + "conv 64 3x3; batchnorm relu; conv 64 3x3; batchnorm relu; maxpool 2; dropout 0.2; "
        + "dense 128; batchnorm relu; dropout 0.3; dense 10",
      epochs: 16, batchSize: 128, optimizer: .adamw, learningRate: 0.003, schedule: .init(.cosine, warmUp: 1),
      augmentation: nil),
    Recipe(
      "resnet-small", "two residual blocks and global average pooling",
      "conv 32 3x3 pad 1; batchnorm relu; maxpool 2 as x1; conv 32 3x3 pad 1; batchnorm relu; conv 32 3x3 pad 1; "
        + "batchnorm; add x1 relu as x2; conv 64 3x3 stride 2 pad 1; batchnorm relu; conv 64 3x3 pad 1; batchnorm as x3; "
        + "from x2; conv 64 1x1 stride 2; batchnorm; add x3 relu; globalavgpool; dense 10",
      epochs: 16, batchSize: 128, optimizer: .adamw, learningRate: 0.003, schedule: .init(.cosine, warmUp: 1),
      augmentation: nil),
  ]

  /// By what other people's digits differ from those of MNIST, whose writers had the same pens and forms, and more than keeps
  /// them what they are: also by the stroke's width, and by more of size and slant. And what is no digit at all.
  private static let handwriting = {
    var handwriting = Augmentation.digits
    (handwriting.scale, handwriting.shear, handwriting.stroke) = (0.15, 10, 0.5)
    handwriting.outliers = 0.03
    return handwriting
  }()

  private static let flip = {
    var flip = Augmentation()
    flip.flips = true
    return flip
  }()

  private static let cnn = "conv 32 3x3 relu; maxpool 2; conv 64 3x3 relu; maxpool 2; dense 128 relu; dense 10"
}
