import PlumbModel
import PlumbTolerance

// Bounds of any arithmetic. Error-tracking numbers enclose the exact value in Float64s as they bound the error, so that the
// formula of a layer in an arithmetic is that arithmetic's filter.
extension Filter {
  /// The drift that is proved of `output`, computed on `input` in `arithmetic`; `nil` where the exact path must decide.
  ///
  /// - Precondition: the output has the shape of the layer's.
  package static func judge(
    _ input: CheckedCase, output: Activation<Float>, in arithmetic: Arithmetic
  ) -> FilteredDrift? {
    guard Catalogue.offGrid(input, output, in: arithmetic) == nil else { return nil }
    return expectation(of: input, in: arithmetic)?.decide(output)
  }

  /// The values that the layer must compute on `input`, with the bounds of `arithmetic`; `nil` where the filter has nothing to
  /// say.
  ///
  /// - Parameter tracked: the layer's formula in the arithmetic, where somebody has it.
  static func expectation(
    of input: CheckedCase, in arithmetic: Arithmetic, _ tracked: Activation<Tracked>? = nil
  ) -> FilteredExpectation? {
    guard case .model(let model) = arithmetic else { return expectation(of: input) }
    guard hasFiniteTensors(input), let tracked = tracked ?? (try? Catalogue.tracked(input, in: model)) else {
      return nil
    }
    // There a row may have no exact value, and then the exact path claims nothing of the others either.
    let isDefined = !input.mayDivideByZero
    var result = FilteredExpectation(capacity: tracked.elements.count, holdsValue: input.holdsValue)
    result.specials = tracked.specials
    for number in tracked.elements {
      guard !number.isOutside else {
        guard isDefined else { return nil }
        result.append(Near(0, error: .infinity), .outsideDomain)
        continue
      }
      // Nothing here tells more of a number beyond 2¹⁰⁰⁰.
      guard number.isReal else { return nil }
      result.append(Near(number), NearBound(lower: number.error, upper: number.error))
    }
    return result
  }
}

extension Near {
  /// The least error that is kept apart from 0: far below what matters to a Float32, and far above what Float64 loses.
  private static var least: Double { 0x1p-900 }

  /// The exact value of `number`, which is not outside the domain.
  init(_ number: Tracked) {
    let (lower, upper) = (number.lower, number.upper)
    if lower == upper && (lower == 0 || lower.magnitude >= Self.least) {
      self.init(exactly: lower)
      return
    }
    // A middle that is rounded lies within half a spacing of the true one, of which the distances to both ends know.
    let middle = lower + (upper - lower) / 2
    self.init(middle, error: max(max(upper - middle, middle - lower).nextUp, Self.least))
  }
}

extension CheckedCase {
  /// Whether a row may be divided by 0, or by what no ball keeps apart from 0: by its size without an epsilon, or by a sum of sigmoids
  /// alone, whose balls hold 0 where all logits are below −2¹⁶.
  fileprivate var mayDivideByZero: Bool {
    let given = source.attributes
    if given["epsilon"] == .real(0) { return true }
    return given["score"] == .word(RouterLayer.Score.sigmoid.rawValue) && given["renormalised"] != .flag(false)
      && given["addsToSum"] != .flag(true)
  }

  /// The test of whether an element of the output holds a value; `nil` when all do.
  var holdsValue: (@Sendable (Int) -> Bool)? {
    guard source.layer == .attentionScores else { return nil }
    return AttentionPart.layer(self).holdsScore(
      tokens: extent("tokens"), positions: extent("positions"), firstPosition: integer("firstPosition"))
  }
}
