import DNNModel
import MNISTInfer

/// What models may ask for, with inputs so small that a picture takes little time.
let preparations: [(Preparation, Shape)] = [
  (
    .init(
      polarity: .lightOnDark, placement: .fit, boxHeight: 6, boxWidth: 6,
      steps: .fitted | .contrast | .specks | .nothing),
    Shape(height: 6, width: 6, channels: 1)
  ),
  (
    .init(polarity: .lightOnDark, placement: .centreOfMass, boxHeight: 5, boxWidth: 7, steps: .all),
    Shape(height: 5, width: 7, channels: 1)
  ),
  (
    .init(polarity: .keep, placement: .fit, boxHeight: 1, boxWidth: 1, steps: .lighting | .lines | .specks),
    Shape(height: 1, width: 4, channels: 1)
  ),
  (
    .init(polarity: .lightOnDark, placement: .centreOfMass, boxHeight: 3, boxWidth: 2),
    Shape(height: 6, width: 5, channels: 1)
  ),
  (.init(polarity: .keep, placement: .stretch, boxHeight: 0, boxWidth: 0), Shape(height: 9, width: 1, channels: 3)),
  (
    .init(polarity: .lightOnDark, placement: .stretch, boxHeight: 0, boxWidth: 0),
    Shape(height: 6, width: 5, channels: 2)
  ),
]
