import PlumbExact
import PlumbModel
import PlumbReference

/// The exact gradient of a model over a text, at the precision at which every norm has the digits that are asked for.
package struct ExactGradient {
  let transformer: Transformer
  let plan: BackwardPlan
  let tokens: [Int]
  let targets: [Int]
  let digits: Int

  /// The greatest number of digits that can be asked for.
  package static let greatestDigits = 300

  /// The greatest working precision that is tried, in bits.
  static let greatestPrecision = 1 << 14

  /// Makes the gradient of the loss of `targets` behind `tokens`.
  package init(_ transformer: Transformer, _ plan: BackwardPlan, tokens: [Int], targets: [Int], digits: Int) {
    self.transformer = transformer
    self.plan = plan
    self.tokens = tokens
    self.targets = targets
    self.digits = digits
  }

  /// The findings of the pass that was narrow enough.
  struct Result {
    let precision: Int
    /// The number of bits of the gradients of matrices of weights.
    let weightBits: Int
    let loss: Ball
    /// The verdict on each step's gradient.
    let surveys: [GradientName: GradientSurvey]
    /// The norm of each stored tensor's gradient, and of all together.
    let norms: [String: Ball]
    let norm: Ball
  }

  /// The working precision that is tried first; where balls come out too wide at it a greater one is, so that it decides the time
  /// alone.
  private var first: Int { min(96 + digitBits + 40 * transformer.blocks.count, Self.greatestPrecision) }

  /// The bits of the digits, rounded up: 10 < 2^(10/3).
  private var digitBits: Int { (10 * digits + 2) / 3 }

  /// The exact gradients, with the distance from them of those that `engine` gives.
  ///
  /// - Throws: `GradientError.undecided`, `GradientError.interrupted`.
  func certified(
    isInterrupted: () -> Bool, engine: (GradientName) -> [Float]?, progress: (String) -> Void
  ) throws(GradientError) -> Result {
    var widest = plan.steps.first?.name.description ?? ""
    do {
      return try PrecisionLoop.decideOrFail(from: first, upTo: Self.greatestPrecision) { precision, _ in
        let result = try attempt(precision, isInterrupted, engine, progress)
        guard let wide = tooWide(result) else { return result }
        widest = wide
        return nil
      }
    } catch let error as PrecisionExhausted {
      throw .undecided(gradient: widest, error)
    } catch {
      throw .interrupted
    }
  }

  private func attempt(
    _ precision: Int, _ isInterrupted: () -> Bool, _ engine: (GradientName) -> [Float]?, _ progress: (String) -> Void
  ) throws -> Result {
    progress("exact pass at \(precision) bits: forward")
    let weightBits = digitBits + 72 + precision - first
    let pass = Reference.GradientPass(transformer, plan, precision: precision, weightBits: weightBits)
    var surveys: [GradientName: GradientSurvey] = [:]
    let loss = try pass.run(tokens, targets: targets, isCancelled: isInterrupted) { step, gradient in
      progress("exact pass at \(precision) bits: \(step.name)")
      // A part of a gradient of weights is in the sum, which is as large.
      guard step.weight == nil || step.name.part == nil else { return }
      surveys[step.name] = GradientSurvey(gradient, engine: engine(step.name))
    }
    var squares: [String: Ball] = [:]
    for tensor in plan.weights {
      guard let place = tensor.place, let survey = surveys[GradientName(.weight(tensor.name))] else { continue }
      squares[place.name] = (squares[place.name] ?? .zero) + survey.squares
    }
    let whole = squares.values.reduce(Ball.zero, +)
    let norms = try squares.mapValues { try Self.root($0, precision: precision) }
    return Result(
      precision: precision, weightBits: weightBits, loss: loss, surveys: surveys, norms: norms,
      norm: try Self.root(whole, precision: precision)
    )
  }

  /// The root of a sum of squares, which is not below 0 though its enclosure may be.
  private static func root(_ squares: Ball, precision: Int) throws(EnclosureError) -> Ball {
    if squares.isExact && squares.midpoint.isZero { return .zero }
    guard squares.lower > 0 else {
      let upper = try Ball.squareRoot(Ball(max(squares.upper, 0)), precision: 64).upper
      return Ball(lower: 0, upper: upper)
    }
    return try Ball.squareRoot(squares, precision: precision)
  }

  /// The name of a norm, or the loss, that has not the digits; `nil` where all have.
  ///
  /// A norm below 10^(−2·digits) of that of all has digits enough: it may be that of a gradient that is 0.
  private func tooWide(_ result: Result) -> String? {
    let width = Rational(1, over: Integer(10).power(digits))
    func hasDigits(_ ball: Ball) -> Bool { 2 * ball.radius <= ball.leastMagnitude * width }
    if !hasDigits(result.norm), !(result.norm.isExact) { return "the norm of all gradients" }
    if !hasDigits(result.loss) { return "the loss" }
    let least = result.norm.upper * width * width
    return result.norms.sorted { $0.key < $1.key }.first { !hasDigits($0.value) && $0.value.upper > least }?.key
  }
}

extension Ball {
  /// A lower bound of the magnitudes in the ball.
  fileprivate var leastMagnitude: Rational { Swift.max(0, midpoint.magnitude - radius) }
}
