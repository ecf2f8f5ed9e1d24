import PlumbExact

/// The kinds of failure: a case that shows one of them never shows another after it was made smaller.
package enum FailureKind: String, Sendable, Codable, CaseIterable {
  /// An element is NaN where a number is due.
  case notANumber = "not a number"
  /// An element is infinite where a finite number is due.
  case infinite
  /// An element is a finite number beyond its bound.
  case wrongNumber = "wrong number"
  /// A token is given to another expert than rounding explains.
  case anotherExpert = "another expert"
  /// An element is none of the numbers that the layer's output has.
  case offGrid = "off the grid"
  /// An element is the wrong one of two that are equally near.
  case wrongTie = "wrong tie"
  /// The engine ended.
  case crash
  /// The engine did not answer in time.
  case hang
  /// The engine's answer is no output.
  case rubbish
  /// The output holds elements of another type.
  case wrongType = "wrong type"
  /// The output has another shape.
  case wrongShape = "wrong shape"
}

extension LocalDrift {
  /// The kind of failure of the worst element, or of the whole output; `nil` where nothing is outside.
  package var failure: FailureKind? {
    guard verdict == .outside else { return nil }
    if let problem { return FailureKind(rawValue: String(problem.prefix { $0 != ":" })) ?? .rubbish }
    guard let value = worst.flatMap({ Float($0.engine) }) else { return .wrongNumber }
    return value.isNaN ? .notANumber : value.isInfinite ? .infinite : .wrongNumber
  }

  /// The failure in a sentence: which element, what it is, the exact value and the bound; `nil` where nothing is outside.
  ///
  /// Numbers are decimal; those of the exact value are proved, and the bound and the margin are rounded up.
  package var failureText: String? {
    guard let failure else { return nil }
    guard problem == nil, let worst else { return problem }
    let place = "element [\(worst.index.map(String.init).joined(separator: ", "))]"
    let due = "exact \(worst.exactText), bound \(ReportText.short(bound))"
    switch failure {
    case .notANumber: return "\(place) is NaN: \(due)"
    case .infinite: return "\(place) is infinite: yours \(worst.engine), \(due)"
    default:
      let yours = Float(worst.engine).map { "\($0)" } ?? worst.engine
      let distance = margin.isFinite ? ", margin \(ReportText.short(margin))" : ""
      return "\(place) is wrong: yours \(yours), \(due)\(distance)"
    }
  }
}

extension WorstElement {
  /// The exact value in decimal: as many digits as are proved, twelve at most, or both ends where not one is.
  package var exactText: String {
    guard let lower = Double(lower), let upper = Double(upper) else { return "\(lower) to \(upper)" }
    if lower == upper { return "\(lower)" }
    guard let least = Rational(exactly: lower), let greatest = Rational(exactly: upper) else {
      return "\(lower) to \(upper)"
    }
    for digits in stride(from: 12, to: 0, by: -1) {
      let text = least.decimal(significantDigits: digits)
      if text == greatest.decimal(significantDigits: digits) { return text }
    }
    return "\(lower) to \(upper)"
  }
}
