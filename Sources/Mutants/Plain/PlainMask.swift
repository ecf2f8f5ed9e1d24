import PlumbModel
import PlumbVerdicts

/// The positions that a token sees, as attention's attributes have it.
struct PlainMask {
  /// Whether no position after the token's own is seen.
  var isCausal: Bool
  /// How many positions are seen up to the token's own; 0 for all.
  var window: Int

  init(_ input: CheckedCase) {
    isCausal = input.flag("causal")
    window = input.integer("window")
  }

  init(_ layer: AttentionLayer) {
    isCausal = layer.isCausal
    window = layer.window ?? 0
  }

  /// What the token at `position` sees of `positions`.
  func seen(from position: Int, of positions: Int) -> Range<Int> {
    let end = isCausal ? min(position + 1, positions) : positions
    let first = window == 0 ? 0 : max(0, position - window + 1)
    return min(first, end)..<end
  }

  /// Makes a window of two positions or more one shorter.
  mutating func narrow() { window -= window > 1 ? 1 : 0 }

  /// Makes a window one longer.
  mutating func widen() { window += window > 0 ? 1 : 0 }
}

/// A soft cap written plainly.
enum PlainSoftCap {
  /// cap · tanh(y / cap), and y where the cap is 0.
  static func capped<Number: PlainNumber>(_ y: Number, _ cap: Double) -> Number {
    cap == 0 ? y : Number(cap) * (y / Number(cap)).hyperbolicTangent()
  }

  /// y, which the cap does not change.
  static func forgotten<Number: PlainNumber>(_ y: Number, _ cap: Double) -> Number { y }

  /// tanh(y / cap), not multiplied by the cap again.
  static func notMultiplied<Number: PlainNumber>(_ y: Number, _ cap: Double) -> Number {
    cap == 0 ? y : (y / Number(cap)).hyperbolicTangent()
  }

  /// y cut off at the cap.
  static func clamped<Number: PlainNumber>(_ y: Number, _ cap: Double) -> Number {
    cap == 0 ? y : y.rising { min(max($0, -cap), cap) }
  }
}
