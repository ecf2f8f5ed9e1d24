import PlumbModel
import PlumbVerdicts

/// The cases of one layer by several strategies, which take turns.
package struct CaseSequence: Sendable {
  /// A generator for each strategy, in the order of their turns.
  package let generators: [CaseGenerator]

  /// Makes the sequence; the parameters are those of `CaseGenerator`.
  package init(
    layer: LayerKind, strategies: [Strategy], seed: UInt64, shape: [String: Int] = [:],
    attributes: FixedAttributes = .none, pass: RecordedPass? = nil
  ) {
    generators = strategies.map {
      CaseGenerator(layer: layer, strategy: $0, seed: seed, shape: shape, attributes: attributes, pass: pass)
    }
  }

  /// The case number `number`.
  ///
  /// - Precondition: there is a strategy.
  package subscript(number: Int) -> LayerCase {
    generators[number % generators.count].makeCase(number / generators.count)
  }
}
