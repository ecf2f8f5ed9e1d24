import PlumbEngine
import PlumbModel

extension Filter {
  /// (u + 1)·g·σ(alpha·g), of clamped numbers.
  static func clampedGate(
    _ gate: Activation<Float>, _ up: Activation<Float>, _ layer: ClampedGateLayer
  ) -> FilteredExpectation {
    var result = FilteredExpectation(capacity: gate.elements.count)
    for (gate, up) in zip(gate.elements, up.elements) {
      let (exact, bound) = clampedGate(gate, up, layer)
      result.append(exact, bound)
    }
    return result
  }

  /// The same of activations, into a survey; false where an input is not finite.
  static func survey(
    _ survey: inout LocalSurvey, clampedGate gate: Activation<Float>, _ up: Activation<Float>, _ layer: ClampedGateLayer
  ) -> Bool {
    guard isFinite(gate.elements), isFinite(up.elements) else { return false }
    for index in gate.elements.indices {
      let (exact, bound) = clampedGate(gate.elements[index], up.elements[index], layer)
      survey.add(index, exact, bound)
    }
    return true
  }

  /// One element, and its bound.
  ///
  /// *Error bound*: with u = 2⁻⁵³, alpha·g is exact, and g·σ is off as in SiLU; the sum with 1 and the product round once each: 2 u
  /// and products of errors. The value is rational where it is 0 alone (Lindemann).
  private static func clampedGate(_ gate: Float, _ up: Float, _ layer: ClampedGateLayer) -> (Near, NearBound) {
    let opening = Double(min(gate, layer.limit))
    let inner = Double(max(-layer.limit, min(up, layer.limit))) + 1
    guard opening != 0, inner != 0 else {
      let exact = Near(exactly: 0)
      return (exact, .oneRounding(of: exact))
    }
    let open = logistic(opening, of: (opening * Double(layer.alpha)).magnitude, 0)
    let value = inner * open.value
    let exact = Near(value, error: inner.magnitude * open.error * (1 + 0x1p-50) + value.magnitude * 0x1p-51)
    return (exact, .oneRounding(of: exact, relativeError: Engine.clampedGateRelativeError))
  }
}
