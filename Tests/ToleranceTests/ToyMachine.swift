import PlumbExact
import PlumbModel
import PlumbTolerance

/// A machine that computes in the toy format, exactly as a model says and as badly as it allows: numbers are rationals,
/// and every choice that the model leaves open is random.
struct ToyMachine {
  let model: ArithmeticModel
  var generator: SplitMix64

  /// The least normal number of the format.
  private static let leastNormal: Rational = "1/8"

  init(_ model: ArithmeticModel, seed: UInt64) {
    self.model = model
    generator = SplitMix64(seed: seed)
  }

  /// `value` as the machine's operations leave it; `nil` where it overflows.
  mutating func round(_ value: Rational) -> Rational? {
    guard value.magnitude <= 240 else { return nil }
    var result = ToyFormat.round(value)
    if model.isFaithful {
      let (low, high) = Self.neighbours(of: value)
      result = Bool.random(using: &generator) ? low : high
    }
    let isSmall = value.magnitude < Self.leastNormal || result.magnitude < Self.leastNormal
    return model.flushesToZero && isSmall && Bool.random(using: &generator) ? 0 : result
  }

  /// An operand as an operation takes it.
  mutating func operand(_ value: Rational) -> Rational {
    model.flushesToZero && value.magnitude < Self.leastNormal && Bool.random(using: &generator) ? 0 : value
  }

  /// The numbers of the format on both sides of `value`.
  static func neighbours(of value: Rational) -> (low: Rational, high: Rational) {
    let magnitude = value.magnitude
    guard let above = ToyFormat.numbers.firstIndex(where: { $0 >= magnitude }) else { return (value, value) }
    let high = ToyFormat.numbers[above]
    let low = high == magnitude || above == 0 ? high : ToyFormat.numbers[above - 1]
    return value.signum() < 0 ? (-high, -low) : (low, high)
  }

  /// The sum of `terms`, each a product or a single number, in an order of the machine's choice.
  mutating func sum(_ terms: [(Rational, Rational)], areProducts: Bool) -> Rational? {
    switch model.order {
    case .any, .tree, .blocks: return randomTree(terms, areProducts: areProducts)
    case .lanes(let count):
      var lanes: [Rational] = []
      for lane in 0..<count {
        var value: Rational = 0
        for term in stride(from: lane, to: terms.count, by: count) {
          guard let next = add(value, terms[term], areProducts: areProducts) else { return nil }
          value = next
        }
        lanes.append(value)
      }
      while lanes.count > 1 {
        let half = (lanes.count + 1) / 2
        for lane in 0..<lanes.count - half {
          guard let next = round(operand(lanes[lane]) + operand(lanes[lane + half])) else { return nil }
          lanes[lane] = next
        }
        lanes.removeLast(lanes.count - half)
      }
      return lanes[0]
    }
  }

  private mutating func add(_ sum: Rational, _ term: (Rational, Rational), areProducts: Bool) -> Rational? {
    let sum = operand(sum)
    guard areProducts else { return round(sum + operand(term.0)) }
    let product = operand(term.0) * operand(term.1)
    if model.mayFuse && Bool.random(using: &generator) { return round(sum + product) }
    guard let product = round(product) else { return nil }
    return round(sum + operand(product))
  }

  private mutating func randomTree(_ terms: [(Rational, Rational)], areProducts: Bool) -> Rational? {
    var nodes: [Rational] = []
    var waiting = terms
    while !waiting.isEmpty || nodes.count > 1 {
      let takesTerm = nodes.count < 2 || !waiting.isEmpty && Bool.random(using: &generator)
      if takesTerm && !waiting.isEmpty {
        let term = waiting.remove(at: Int.random(in: waiting.indices, using: &generator))
        // A fused product joins a sum that is there already.
        let joined = nodes.isEmpty || Bool.random(using: &generator) ? 0 : nodes.removeLast()
        guard let node = add(joined, term, areProducts: areProducts) else { return nil }
        nodes.append(node)
      } else {
        let first = nodes.remove(at: Int.random(in: nodes.indices, using: &generator))
        let second = nodes.remove(at: Int.random(in: nodes.indices, using: &generator))
        guard let node = round(operand(first) + operand(second)) else { return nil }
        nodes.append(node)
      }
    }
    return nodes.first ?? 0
  }

  /// A number of the format within the model's ulps of `exact`, as far off as there is one half of the time.
  mutating func function(_ exact: Ball) -> Rational? {
    let value = exact.midpoint
    guard value.magnitude < 200 else { return nil }
    // A function that approaches a power of two from below stays in the binade below, however near its enclosure comes.
    let spacing = ToyFormat.format.spacing(at: value.magnitude * (1 - Rational(significand: 1, exponent: -80)))
    let reach = spacing * (Rational(exactly: model.elementaryUlps) ?? 0)
    let near = ToyFormat.numbers.flatMap { [$0, -$0] }.filter { ($0 - value).magnitude <= reach }.sorted()
    let picked =
      Bool.random(using: &generator)
      ? [near.first, near.last].randomElement(using: &generator) ?? nil : near.randomElement(using: &generator)
    guard let picked else { return ToyFormat.round(value) }
    return model.flushesToZero && picked.magnitude < Self.leastNormal && Bool.random(using: &generator) ? 0 : picked
  }

  /// A number of the format: any significand, exponents low enough that products underflow at times.
  mutating func draw(_ exponents: ClosedRange<Int> = -6...1) -> Rational {
    let significand = Integer(Int.random(in: -15...15, using: &generator))
    return Rational(significand: significand, exponent: Int.random(in: exponents, using: &generator))
  }
}
