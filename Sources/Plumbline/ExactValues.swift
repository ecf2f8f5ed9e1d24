import PlumbVerdicts

/// The exact value of an element, and what rounding may do to it.
public struct ExactValue: Sendable, Hashable {
  /// The exact value, correctly rounded to Float32; NaN where there is none, as where a mask excludes an element.
  public let nearest: Float
  /// At most the exact value.
  public let lower: Double
  /// At least the exact value.
  public let upper: Double
  /// The greatest distance from the exact value that rounding explains; infinite where nothing is claimed.
  public let bound: Double
}

extension Case {
  /// The exact value and the bound of every element of the output, row by row.
  ///
  /// - Throws: `PlumblineError` where nothing is proved of the layer in `arithmetic`.
  public func exactValues(arithmetic: Arithmetic = .f32) throws(PlumblineError) -> [ExactValue] {
    try provable(arithmetic)
    let answer = try PlumblineError.translating { try LayerAnswer(input, in: .model(arithmetic.model)) }
    return answer.expected.indices.map {
      ExactValue(
        nearest: answer.expected[$0], lower: answer.lower[$0], upper: answer.upper[$0], bound: answer.bound[$0])
    }
  }
}
