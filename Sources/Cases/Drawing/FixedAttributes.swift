import PlumbModel
import PlumbVerdicts

/// The attributes that every case of a run has, such as `scheme=q8_0`, for a kernel that has one way alone.
package struct FixedAttributes: Sendable {
  /// The values as texts, by name.
  package let texts: [String: String]

  /// No attribute is fixed.
  package static let none = FixedAttributes()

  private init() { texts = [:] }

  /// Checks `texts`, whose names must be those of attributes of `layers`.
  ///
  /// - Throws: `FixedAttributesError` with the names or words that there are, where one is unknown, or a value is none of its kind.
  package init(_ texts: [String: String], of layers: [LayerKind]) throws(FixedAttributesError) {
    self.texts = texts
    let slots = layers.flatMap { Catalogue.signature(of: $0).attributes }
    for (name, text) in texts.sorted(by: { $0.key < $1.key }) {
      let own = slots.filter { $0.name == name }
      guard !own.isEmpty else {
        let names = Set(slots.map(\.name)).sorted().joined(separator: ", ")
        throw FixedAttributesError(
          problem: "there is no attribute '\(name)'; " + (names.isEmpty ? "there is none" : "there are \(names)"))
      }
      for slot in own {
        guard let value = AttributeValue(text, like: slot.defaultValue) else {
          throw FixedAttributesError(problem: "'\(name)' is '\(text)', expected \(slot.defaultValue.kind)")
        }
        if case .word(let word) = value, !slot.words.contains(word) {
          throw FixedAttributesError(
            problem: "'\(name)' is '\(word)', expected one of \(slot.words.joined(separator: ", "))")
        }
      }
    }
  }

  /// The values of those that `layer` takes.
  func values(for layer: LayerKind) -> [String: AttributeValue] {
    guard !texts.isEmpty else { return [:] }
    return Catalogue.signature(of: layer).attributes.reduce(into: [:]) { values, slot in
      values[slot.name] = texts[slot.name].flatMap { AttributeValue($0, like: slot.defaultValue) }
    }
  }

  /// Whether `input` has them.
  package func hold(of input: LayerCase) -> Bool {
    let slots = Catalogue.signature(of: input.layer).attributes
    return values(for: input.layer).allSatisfy { name, value in
      (input.attributes[name] ?? slots.first { $0.name == name }?.defaultValue) == value
    }
  }

  /// `input` with them.
  package func applied(to input: LayerCase) -> LayerCase {
    var result = input
    result.attributes.merge(values(for: input.layer)) { $1 }
    return result
  }
}

/// The reason why attributes cannot be fixed.
package struct FixedAttributesError: Error, CustomStringConvertible {
  /// The fault, and what there is instead.
  package let problem: String

  /// One line for the person who must act.
  package var description: String { problem.onOneLine }
}
