import PlumbModel
import PlumbVerdicts

/// A case as a plain layer takes it, in the numbers that it computes with.
package struct PlainInput<Number: PlainNumber> {
  /// The case, whose attributes, weights and shapes count.
  package let source: CheckedCase
  /// The tensors that are known otherwise than by their Float32s, by name.
  package var known: [String: Activation<Number>] = [:]

  /// How far, relatively, the exact weights may be from the Float32s of the case: half a spacing where these are rounded
  /// from a quantised tensor's.
  package var weightError = 0.0

  package init(_ source: CheckedCase) { self.source = source }

  func real(_ name: String) -> Activation<Number> {
    known[name] ?? source.real(name).map { .read($0, within: name == "weight" ? weightError : 0) }
  }

  /// The tensor, whose numbers are those of the case: a weight, which may be large.
  func weight(_ name: String) -> Activation<Float> { source.real(name) }

  func number(_ name: String) -> Number { Number(Double(source.number(name))) }
  func integer(_ name: String) -> Int { source.integer(name) }
  func flag(_ name: String) -> Bool { source.flag(name) }
  func extent(_ name: String) -> Int { source.extent(name) }
}
