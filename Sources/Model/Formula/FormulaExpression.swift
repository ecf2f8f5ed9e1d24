/// A part of a formula of one's own: a tensor that has a number for each index of its named axes.
package indirect enum FormulaExpression: Sendable, Hashable {
  /// A number, as it was written.
  case number(FormulaNumber)
  /// An input, or a part that has a name.
  case name(String)
  case negated(FormulaExpression)
  /// The numbers with the same indices; a tensor without an axis is the same for all of its indices.
  case pair(PairOperation, FormulaExpression, FormulaExpression)
  /// Each number by itself.
  case function(FormulaFunction, FormulaExpression)
  /// All numbers along some axes as one.
  case reduction(FormulaReduction, FormulaExpression, axes: [String])
  /// Σ of the products along some axes, as a matrix product has it.
  case dot(FormulaExpression, FormulaExpression, axes: [String])
  /// The same numbers with the axes in another order.
  case permuted(FormulaExpression, axes: [String])
  /// A layer of the catalogue, with tensors in the order of its signature, or by name, and attributes as they were written.
  case layer(LayerKind, [FormulaArgument], attributes: [String: String])

  /// An operation on two numbers.
  package enum PairOperation: String, Sendable {
    case sum = "+"
    case difference = "-"
    case product = "*"
    case quotient = "/"
  }
}

extension FormulaExpression {
  /// The layers that are a part of it.
  var layers: [LayerKind] {
    switch self {
    case .number, .name: []
    case .negated(let x), .function(_, let x), .reduction(_, let x, _), .permuted(let x, _): x.layers
    case .pair(_, let a, let b), .dot(let a, let b, _): a.layers + b.layers
    case .layer(let layer, let arguments, _): [layer] + arguments.flatMap(\.expression.layers)
    }
  }
}

/// A tensor that a layer of a formula is given.
package struct FormulaArgument: Sendable, Hashable {
  /// The name of the layer's tensor; `nil` where its place says which.
  package let name: String?
  package let expression: FormulaExpression
}

/// A function of one number.
package enum FormulaFunction: String, Sendable, CaseIterable {
  case exp, log, sqrt, rsqrt, tanh, erf, sin, cos, sigmoid
}

/// A number that is made of several.
package enum FormulaReduction: String, Sendable, CaseIterable {
  case sum, mean, max
  /// log Σ e^x.
  case logsumexp
}

/// A number as it was written.
package struct FormulaNumber: Sendable, Hashable {
  /// The quotient of two whole numbers that Float64 holds, which it is; `nil` of a number of more digits than that.
  package let exact: Quotient?
  /// The Double nearest to it.
  package let nearest: Double

  package struct Quotient: Sendable, Hashable {
    package let numerator: Int
    package let denominator: Int
  }

  /// Reads `text`, such as `1`, `0.044715` or `1e-6`.
  ///
  /// *Edge cases*: `nil` beyond the range of Float64.
  package init?(_ text: Substring) {
    guard let nearest = Double(text), nearest.isFinite else { return nil }
    self.nearest = nearest
    exact = Self.quotient(text)
  }

  private static func quotient(_ text: Substring) -> Quotient? {
    let parts = text.split(separator: "e", maxSplits: 1, omittingEmptySubsequences: false)
    let mantissa = parts[0].split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
    let fraction = mantissa.count > 1 ? mantissa[1] : ""
    let digits = (mantissa[0] + fraction).drop { $0 == "0" }
    guard digits.count <= 15, let exponent = parts.count > 1 ? Int(parts[1]) : 0, exponent.magnitude < 100,
      let whole = digits.isEmpty ? 0 : Int(digits), let scale = powerOfTen(exponent - fraction.count)
    else { return nil }
    if exponent <= fraction.count { return Quotient(numerator: whole, denominator: scale) }
    let (scaled, overflow) = whole.multipliedReportingOverflow(by: scale)
    return overflow || Int(Double(scaled)) != scaled ? nil : Quotient(numerator: scaled, denominator: 1)
  }

  /// 10 to the magnitude of `n`; `nil` where Int does not hold it, each of which Float64 holds.
  private static func powerOfTen(_ n: Int) -> Int? {
    n.magnitude > 18 ? nil : (0..<n.magnitude).reduce(1) { power, _ in power * 10 }
  }
}
