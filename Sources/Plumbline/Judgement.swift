import PlumbVerdicts

/// The distance of an output from the exact values, beside what rounding may do.
public struct Judgement: Sendable, CustomStringConvertible {
  let drift: LocalDrift

  init(_ drift: LocalDrift) { self.drift = drift }

  /// The verdict that is proved of all elements together.
  public var verdict: Verdict { Verdict(drift.verdict) }

  /// The greatest quotient of distance and bound: above 1 is proved not to be rounding.
  public var margin: Double { drift.margin }

  /// The greatest distance, in ulps of the exact value; an upper bound.
  public var worstUlps: Double { drift.worstUlps }

  /// The greatest distance; an upper bound.
  public var worstDistance: Double { drift.worstAbsolute }

  /// The index of the element with the greatest margin, along each axis; `nil` where there is none.
  public var worstIndex: [Int]? { drift.worst?.index }

  /// The number of elements about which nothing is claimed, as their exact value or their bound is not defined.
  public var outsideDomain: Int { drift.outsideDomain }

  /// The failure in a sentence, or the verdict.
  public var description: String { drift.failureText ?? drift.verdict.rawValue }
}

extension Case {
  /// Holds `output`, which a kernel computed on the case in `arithmetic`, against the exact values.
  ///
  /// *Edge cases*: *outside* for another shape; *outside the domain* where nothing is proved of an attribute of the case.
  /// - Throws: `PlumblineError` where nothing is proved of the layer at all.
  public func judge(_ output: Tensor, arithmetic: Arithmetic = .f32) throws(PlumblineError) -> Judgement {
    Judgement(
      try PlumblineError.translating {
        try provable(arithmetic)
        guard output.isFilled else {
          return LocalDrift(
            unmeasured:
              "wrong shape: \(output.elements.count) elements do not fill \(output.shape), expected \(outputShape)")
        }
        return try PlumbVerdicts.Arithmetic.model(arithmetic.model).judge(input, output: output.activation("output"))
      })
  }

  /// Checks that something is proved of the layer in `arithmetic`.
  func provable(_ arithmetic: Arithmetic) throws(PlumblineError) {
    if let part = Catalogue.missingPart(of: input.source.layer, in: arithmetic.model) {
      throw PlumblineError(.notProved, "nothing is proved of \(layer) in '\(arithmetic)': \(part)")
    }
  }
}
