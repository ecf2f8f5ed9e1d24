import PlumbBounds
import PlumbExact
import PlumbLayers
import PlumbModel
import PlumbReference
import PlumbTolerance

/// The inputs of a product with quantised weights, as the kernels of an arithmetic have them, and what their sums add to its bound.
///
/// *Error bound*: a weight w = a + c of a layout with minima is multiplied in two parts, of which |a| + |c| ≤ |w| + 2·|c|: the magnitudes of
/// the terms add up to 2·Σ|c|·R more, R the sum of |x̂| of a run of inputs that share a c. Where inputs are quantised to Q8_0 with the sum of a
/// block beside them, c is multiplied by s = fl₁₆(fl(d·Σq)), d the scale before it is stored. With E the sum of the quantiser's greatest
/// errors, of both scales, |Σx − d·Σq| ≤ E and |d·Σq| ≤ R, so that |Σx − s| ≤ E + R·1.008·2⁻¹¹ + 2⁻²⁵; and Σ|a|·|x̂ − x| is at
/// most |c|·E more than that of |w|. Of replayed inputs x = d₁₆·q, d₁₆ the stored scale, E is the sum of their errors, and what is replayed strays
/// from s by |d₁₆ − d|·|Σq| more: at most 1.004·2⁻¹¹·R + 2⁻²⁵·32·127.
struct ProductInputs: Sendable {
  /// The inputs, with the errors of the quantiser.
  let tracked: Activation<Tracked>
  /// The arithmetic of the sums.
  let model: ArithmeticModel
  /// Whether the exact inputs are the quantised ones.
  private(set) var isReplayed = false
  /// The terms that minima are in a sum.
  private(set) var moreTerms = 0
  /// The minima of each row of weights.
  private var minima: [[Double]] = []
  /// The sums of |x̂| for each run of inputs, and of what s strays from the sum of x, row by row.
  private var runs: [(magnitude: Double, stray: Double)] = []

  /// The `inputs` of a product with `weight` in `model`.
  ///
  /// - Throws: `EnclosureError` where a weight is not finite.
  init(_ inputs: Activation<Tracked>, of weight: Tensor, in model: ArithmeticModel) throws(EnclosureError) {
    var plain = model
    plain.activations = nil
    guard let kind = model.activations?.kind(for: weight.type) else {
      (tracked, self.model) = (inputs, model)
      return
    }
    var quantiser = QuantisedActivations.q80
    switch kind {
    case .kept:
      (tracked, self.model) = (inputs, plain)
      return
    case .rounded(let format):
      (tracked, self.model) = (inputs.map { plain.rounded($0, to: format) }, plain)
      return
    case .quantised(let other): quantiser = other
    case .withSums: break
    }
    (tracked, self.model, isReplayed) = (model.quantised(inputs, by: quantiser), model, model.replaysSteps)
    minima = try concurrentMap(weight.rows) { row throws(EnclosureError) in
      try Reference.minima(ofRow: row, of: weight)
    }
    guard let count = minima.first?.count, count > 0 else { return }
    moreTerms = count
    let isWithSums = if case .withSums = kind { true } else { false }
    let (relative, absolute) = isReplayed ? (0x1.04p-10, 0x1p-12) : (0x1.02p-11, 0x1p-25)
    let size = weight.columns / count
    for start in stride(from: 0, to: tracked.elements.count, by: size) {
      var (magnitude, errors) = (0.0, 0.0)
      for number in tracked.elements[start..<start + size] where number.isFinite {
        magnitude = Outward.sumUp(magnitude, number.reach)
        errors = Outward.sumUp(errors, number.error)
      }
      // The sum of a block that binary16 may not hold is unknown.
      let sum = magnitude < 65_000 ? Outward.sumUp(Outward.productUp(magnitude, relative), absolute) : .infinity
      runs.append((magnitude, isWithSums ? Outward.sumUp(2 * errors, sum) : 0))
    }
  }

  /// The amounts by which minima add to the magnitudes of the terms of one element, and to what the terms stray by.
  func minima(row: Int, output: Int) -> (magnitude: Double, stray: Double) {
    guard moreTerms > 0 else { return (0, 0) }
    var (magnitude, stray) = (0.0, 0.0)
    for (run, minimum) in zip(runs[row * moreTerms..<(row + 1) * moreTerms], minima[output]) where minimum != 0 {
      magnitude = Outward.sumUp(magnitude, Outward.productUp(2 * minimum, run.magnitude))
      stray = Outward.sumUp(stray, Outward.productUp(minimum, run.stray))
    }
    return (Outward.sumUp(magnitude, stray), stray)
  }
}

extension SegmentPass {
  /// The exact inputs of a product that `inputs` has, of `x` where nothing is replayed.
  func replayed(_ x: Activation<Ball>, _ inputs: ProductInputs) -> Activation<Ball> {
    guard inputs.isReplayed else { return x }
    return inputs.tracked.map { $0.ball ?? .zero }
  }

  /// Logits after a soft cap.
  ///
  /// *Edge cases*: nothing is known of logits of replayed inputs, which no exact pass has before the cap.
  func capped(_ logits: Activation<Tracked>, _ cap: Float) -> Activation<Tracked> {
    if model.replaysSteps { return .unknown(shape: logits.shape) }
    return Activation(
      shape: logits.shape, elements: Array(SoftCap.capped(model.row(logits.elements), cap).result.numbers))
  }
}

extension Activation<Tracked> {
  /// Elements of which nothing is known.
  static func unknown(shape: [Int]) -> Self {
    Self(shape: shape, elements: [Tracked](repeating: .outside, count: shape.reduce(1, *)))
  }
}
