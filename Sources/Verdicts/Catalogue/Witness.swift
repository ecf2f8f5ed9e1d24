import PlumbBounds
import PlumbModel
import PlumbTolerance

/// A computation that an arithmetic allows and that shows why nothing is claimed of an element: its result is no number, or is far
/// from that of another.
package struct Witness: Sendable {
  /// A result, and how it was computed.
  package struct Result: Sendable {
    /// The result of the element.
    package let value: Float
    /// The order of sums, and the choices among formulas.
    package let way: String
  }

  /// The element's place in the row-major output.
  package let place: Int
  /// One result where it is NaN, otherwise two.
  package let results: [Result]

  /// The witnesses of the elements of `input` at `places`; none of those that no kernel that was tried shows to be open.
  ///
  /// Tried are kernels in Float32 that add in several orders, fused or not, by the first or the second of two formulas, with steps stored or kept.
  /// Two results are far apart where one is infinite and the other is another number, or one is less than half of the other.
  /// *Edge cases*: none of arithmetics with units, parts of sums or quantised inputs, and of layers that are no formula.
  package static func witnesses(
    of input: CheckedCase, in model: ArithmeticModel, at places: [Int]
  ) -> [Witness] {
    var extremes: [Int: [Result]] = [:]
    var open = places
    for machine in MachineContext.all(in: model) where !open.isEmpty {
      guard let output = Catalogue.forward(CaseInput(input, in: machine)) else { return [] }
      for place in open {
        let result = Result(value: output.elements[place], way: machine.summary)
        extremes[place] = joined(extremes[place] ?? [], result)
      }
      open.removeAll { isShown(extremes[$0] ?? []) }
    }
    return places.compactMap { place in
      guard let results = extremes[place], isShown(results) else { return nil }
      return Witness(place: place, results: results)
    }
  }

  /// The least and the greatest of the results so far, or one that is NaN.
  private static func joined(_ results: [Result], _ result: Result) -> [Result] {
    if result.value.isNaN { return [result] }
    guard let least = results.first, let greatest = results.last else { return [result] }
    if result.value < least.value { return [result, greatest] }
    return result.value > greatest.value ? [least, result] : results
  }

  private static func isShown(_ results: [Result]) -> Bool {
    guard let least = results.first?.value, let greatest = results.last?.value else { return false }
    if least.isNaN { return true }
    if least == greatest { return false }
    if !least.isFinite || !greatest.isFinite || least.sign != greatest.sign { return true }
    return min(least.magnitude, greatest.magnitude) < max(least.magnitude, greatest.magnitude) / 2
  }

  /// The witness in words, for the element at `index`.
  package func sentence(_ index: [Int]) -> String {
    let shown = results.map { "\($0.value.isNaN ? "NaN" : "\($0.value)") where \($0.way)" }
    return "element \(index): \(shown.joined(separator: "; "))"
  }
}

extension LayerAnswer {
  /// The places of the elements of which nothing is claimed though all that they are computed from is finite.
  package func unclaimed(of input: CheckedCase) -> [Int] {
    let size = engine.elements.count / max(engine.shape[0], 1)
    let rows = input.soundRows.map(Set.init)
    guard rows != nil || nonFiniteInputs.isEmpty else { return [] }
    return bound.indices.filter { place in
      bound[place] == .infinity && (input.holdsValue?(place) ?? true) && rows?.contains(place / max(size, 1)) != false
    }
  }

  /// The witnesses of the elements of `input` that nothing is claimed of, in words: of the first few, and how many of the others have one.
  package func witnessLines(of input: CheckedCase, most: Int = 10) -> [String] {
    guard case .model(let model) = arithmetic else { return [] }
    let places = unclaimed(of: input)
    guard !places.isEmpty else { return [] }
    let witnesses = Witness.witnesses(of: input, in: model, at: places)
    let lines = witnesses.prefix(most).map {
      $0.sentence(LocalComparison.coordinates(of: $0.place, in: engine.shape))
    }
    guard witnesses.count > most || witnesses.count < places.count else { return lines }
    return lines + ["found of \(witnesses.count) of \(places.count) elements of which nothing is claimed"]
  }
}
