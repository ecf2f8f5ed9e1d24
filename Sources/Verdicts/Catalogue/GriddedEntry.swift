import PlumbBounds
import PlumbExact
import PlumbLayers
import PlumbModel
import PlumbTolerance

/// A layer whose output has numbers of few bits, so that a number between two of them is a bug however near it is.
protocol GriddedEntry: FormulaEntry {
  /// The numbers that an output of `input` has; `nil` for all Float32s.
  static func grid(of input: CheckedCase) -> NumberGrid?

  /// The sentence on elements of `output` of which each is within, but not all at once; `nil` where there are none.
  static func contradiction(_ output: Activation<Float>, of input: CheckedCase, in model: ArithmeticModel) -> String?
}

extension Catalogue {
  /// The sentence on the first element of `output` that is none of the numbers that the layer's output has, or the wrong one of two that
  /// are equally near, or on elements that exclude each other; `nil` where there are none, and for layers whose output may be any Float32.
  ///
  /// The wrong one of two is known where the arithmetic names a rule, and the number before the rounding is computed without error.
  /// *Edge cases*: nothing is said of an element of which nothing is claimed, nor of an output of another shape.
  static func offGrid(_ input: CheckedCase, _ output: Activation<Float>, in arithmetic: Arithmetic) -> String? {
    guard let entry = entry(for: input.source.layer) as? any GriddedEntry.Type, let grid = entry.grid(of: input),
      output.shape == input.outputShape, Filter.hasFiniteTensors(input)
    else { return nil }
    let model = if case .model(let model) = arithmetic { model } else { ArithmeticModel.declared }
    let numbers = entry.forward(CaseInput(input, in: model))
    let rule = Ties(arithmetic)
    for (place, number) in numbers.elements.enumerated() where !number.isOutside {
      let value = Double(output.elements[place])
      guard value.isFinite else { continue }
      let element = "element \(LocalComparison.coordinates(of: place, in: output.shape)) is \(output.elements[place])"
      guard grid.holds(value) else { return "\(FailureKind.offGrid.rawValue): \(element), no \(grid.name)" }
      if let rule, let due = rule.due(number, grid), value != due {
        return "\(FailureKind.wrongTie.rawValue): \(element), but \(number.lower) is equally near two numbers, "
          + "and goes \(rule.rawValue): to \(due)"
      }
    }
    return entry.contradiction(output, of: input, in: model)
  }

  /// The Float32 next to the exact value `exact` of an element of `input`'s output, on its grid where that has one.
  static func nearest(_ exact: Rational, of input: CheckedCase) -> Float {
    let nearest = exact.rounded(to: Float.self, .toNearestOrEven)
    guard let entry = entry(for: input.source.layer) as? any GriddedEntry.Type, let grid = entry.grid(of: input) else {
      return nearest
    }
    return Float(FloatFormat(grid).rounded(exact.rounded(to: Double.self, .toNearestOrEven)))
  }
}

/// The rule for a number that is equally near two of a grid.
private enum Ties: String {
  case toEven = "to the even one"
  case away = "away from 0"

  /// The rule that `arithmetic` names; `nil` for either.
  init?(_ arithmetic: Arithmetic) {
    guard case .model(let model) = arithmetic else {
      self = .toEven
      return
    }
    switch (model.uses(.halfEven), model.uses(.halfAway)) {
    case (true, false): self = .toEven
    case (false, true): self = .away
    default: return nil
    }
  }

  /// The number that `tie` is rounded to; `nil` where it is not known to be a tie as it is computed.
  func due(_ tie: Tracked, _ grid: NumberGrid) -> Double? {
    let spacing = grid.spacing(at: tie.lower.magnitude)
    guard grid.saturates, tie.lower == tie.upper, tie.error == spacing / 2 else { return nil }
    let quotient = tie.lower / spacing
    guard (quotient - quotient.rounded(.down)) == 0.5 else { return nil }
    let number = quotient.rounded(self == .toEven ? .toNearestOrEven : .toNearestOrAwayFromZero) * spacing
    return max(-grid.greatest, min(number, grid.greatest))
  }
}
