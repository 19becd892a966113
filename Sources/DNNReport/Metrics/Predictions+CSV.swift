import DNNModel

extension Predictions {
  /// A line per image: its number from 0, the true class and the answer with their names, whether they agree, and the
  /// probabilities of all classes. Lines end and texts are quoted as in RFC 4180.
  public func csv() -> String {
    let titles = ["image", "truth", "truth_label", "predicted", "predicted_label", "right"]
    var lines = [(titles + labels.map { csvField("p " + $0) }).joined(separator: ",")]
    let names = labels.map(csvField)
    for image in truth.indices {
      let (truth, answer) = (truth[image], predicted[image])
      let row = ["\(image)", "\(truth)", names[truth], "\(answer)", names[answer], isRight(image: image) ? "1" : "0"]
      lines.append((row + labels.indices.map { "\(probability(of: $0, image: image))" }).joined(separator: ","))
    }
    return lines.map { $0 + "\r\n" }.joined()
  }
}
