import PlumbExact
import PlumbModel
import Testing

/// The elementary functions by name, so that one test runs over all of them.
enum ElementaryFunction: String, CaseIterable, Sendable {
  case exp, expm1, log, log1p, sin, cos, tanh, erf, sigmoid, squareRoot, reciprocalSquareRoot

  /// The enclosure under test.
  func callAsFunction(_ x: Ball, precision: Int) throws(EnclosureError) -> Ball {
    switch self {
    case .exp: try Ball.exp(x, precision: precision)
    case .expm1: try Ball.expm1(x, precision: precision)
    case .log: try Ball.log(x, precision: precision)
    case .log1p: try Ball.log1p(x, precision: precision)
    case .sin: Ball.sin(x, precision: precision)
    case .cos: Ball.cos(x, precision: precision)
    case .tanh: Ball.tanh(x, precision: precision)
    case .erf: Ball.erf(x, precision: precision)
    case .sigmoid: Ball.sigmoid(x, precision: precision)
    case .squareRoot: try Ball.squareRoot(x, precision: precision)
    case .reciprocalSquareRoot: try Ball.reciprocalSquareRoot(x, precision: precision)
    }
  }

  /// Whether the function is defined at x, and within the limit of what is computed.
  func isDefined(at x: Rational) -> Bool {
    switch self {
    case .exp, .expm1: x < 65_536
    case .log, .reciprocalSquareRoot: x > 0
    case .log1p: x > -1
    case .squareRoot: x >= 0
    case .sin, .cos, .tanh, .erf, .sigmoid: true
    }
  }

  /// Whether the promise of relative accuracy holds at x.
  func isRelativelyAccurate(at x: Rational) -> Bool {
    switch self {
    case .exp, .sigmoid: x > -65_536
    default: true
    }
  }
}

extension SplitMix64 {
  /// A Float32 where `function` is defined: any bit pattern or, as often, one of moderate size.
  mutating func argument(of function: ElementaryFunction) -> Rational {
    while true {
      let float =
        Bool.random(using: &self)
        ? Float(bitPattern: UInt32.random(in: 0...UInt32.max, using: &self))
        : Float.random(in: -1...1, using: &self) * Float(1 << Int.random(in: 0...6, using: &self))
      if let x = Rational(exactly: float), !x.isZero, function.isDefined(at: x) { return x }
    }
  }

  /// A dyadic rational of up to `bits` bits in [0, 1).
  mutating func fraction(bits: Int) -> Rational {
    Rational(significand: integer(maximumBits: bits).magnitude, exponent: -bits)
  }

  /// A precision, small ones as likely as all others together.
  mutating func precision(upTo greatest: Int) -> Int {
    Int.random(in: 32...(Bool.random(using: &self) ? 128 : greatest), using: &self)
  }
}
