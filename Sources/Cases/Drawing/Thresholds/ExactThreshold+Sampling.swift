import PlumbModel
import PlumbVerdicts

extension ExactThreshold {
  /// An equality decides which tokens are kept: a mass that is reached exactly, equal logits at the last place of top-k, or tokens
  /// as likely as the likeliest where min-p is 1.
  static func meetSampling(_ input: inout LayerCase, using source: inout SeededSource) {
    guard case .real(let logits)? = input.tensors["logits"], logits.columns > 1 else { return }
    (input.attributes["topK"], input.attributes["topP"], input.attributes["minP"]) = (nil, nil, nil)
    if input.attributes["temperature"] == .real(0) { input.attributes["temperature"] = .real(1) }
    switch Int.random(in: 0..<4, using: &source) {
    case 0, 1: meetMass(&input, logits, using: &source)
    case 2: meetLastPlace(&input, logits, using: &source)
    default:
      let likeliest = Int.random(in: 1...logits.columns, using: &source)
      input.tensors["logits"] = .real(logits.levels([likeliest], using: &source))
      let limits: [Float] = [1, Float(1).nextDown, 0.5]
      input.attributes["minP"] = .real(limits.randomElement(using: &source) ?? 1)
    }
  }

  /// Equally likely tokens, of which top-p wants a whole number, or the least more or less than that.
  ///
  /// Their powers of e are 1: every sum is exact, and so is a product with a fraction of a power of two.
  private static func meetMass(
    _ input: inout LayerCase, _ logits: Activation<Float>, using source: inout SeededSource
  ) {
    let greatestPower = Int.bitWidth - 1 - logits.columns.leadingZeroBitCount
    let equal =
      source.oneIn(3)
      ? Int.random(in: 2...logits.columns, using: &source) : 1 << Int.random(in: 1...greatestPower, using: &source)
    let wanted = Float(Int.random(in: 1..<equal, using: &source)) / Float(equal)
    let masses: [Float] = [wanted, wanted.nextUp, wanted.nextDown]
    let mass = masses.randomElement(using: &source) ?? wanted
    input.tensors["logits"] = .real(logits.levels([equal], using: &source))
    input.attributes["topK"] = .integer(equal)
    input.attributes["topP"] = .real(mass)
  }

  /// Equal logits on both sides of the last place that top-k keeps.
  private static func meetLastPlace(
    _ input: inout LayerCase, _ logits: Activation<Float>, using source: inout SeededSource
  ) {
    let kept = Int.random(in: 1..<logits.columns, using: &source)
    let above = Int.random(in: 0..<kept, using: &source)
    let equal = Int.random(in: kept - above + 1...logits.columns - above, using: &source)
    input.tensors["logits"] = .real(logits.levels([above, equal], using: &source))
    input.attributes["topK"] = .integer(kept)
  }
}

extension Activation where Element == Float {
  /// Rows of equal numbers: so many of the greatest, so many of the next as `counts` says, the others lower, at places drawn
  /// anew for each row.
  fileprivate func levels(_ counts: [Int], using source: inout SeededSource) -> Activation<Float> {
    let heights: [Float] = [0, 1, -3.5, 1e6]
    let greatest = heights.randomElement(using: &source) ?? 0
    let isClose = source.oneIn(2)
    func lower(_ value: Float) -> Float { isClose ? value.nextDown : value - max(1, value.magnitude) }
    var values: [Float] = []
    var level = greatest
    for count in counts {
      values += [Float](repeating: level, count: count)
      level = lower(level)
    }
    values += [Float](repeating: level, count: max(0, columns - values.count))
    let rows = (0..<rows).flatMap { _ in values.shuffled(using: &source) }
    return Activation<Float>(shape: shape, elements: rows)
  }
}
