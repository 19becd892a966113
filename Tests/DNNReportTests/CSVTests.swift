import DNNReport
import Testing

@Suite struct CSVTests {
  @Test func aLinePerImage() {
    let predictions = Predictions(labels: ["a", "b"], truth: [0, 0], probabilities: [0.75, 0.25, 0.125, 0.875])
    #expect(
      predictions.csv() == "image,truth,truth_label,predicted,predicted_label,right,p a,p b\r\n"
        + "0,0,a,0,a,1,0.75,0.25\r\n" + "1,0,a,1,b,0,0.125,0.875\r\n")
  }

  @Test func labelsThatLookLikeSeveralFieldsAreQuoted() {
    let predictions = Predictions(labels: ["a,b", "say \"c\""], truth: [1], probabilities: [0, 1])
    #expect(
      predictions.csv() == "image,truth,truth_label,predicted,predicted_label,right,\"p a,b\",\"p say \"\"c\"\"\"\r\n"
        + "0,1,\"say \"\"c\"\"\",1,\"say \"\"c\"\"\",1,0.0,1.0\r\n")
  }

  @Test func aQuoteWithAnAccentIsStillAQuote() {
    let predictions = Predictions(labels: ["\"\u{301}"], truth: [0], probabilities: [1])
    #expect(predictions.csv().unicodeScalars.contains { $0 == "\u{301}" })
    #expect(
      Array(predictions.csv().unicodeScalars.split(separator: "\n")[0])
        == Array("image,truth,truth_label,predicted,predicted_label,right,\"p \"\"\u{301}\"\r".unicodeScalars))
  }
}
