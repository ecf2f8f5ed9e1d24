import PlumbModel

/// A layer as `plumb layer --list` describes it; its coding keys are the documented JSON schema.
package struct LayerDescription: Sendable, Codable {
  /// A tensor that the layer takes.
  package struct Tensor: Sendable, Codable {
    /// The name in files.
    package let name: String
    /// The names of the extents, outermost first; one name is one number throughout a case.
    package let shape: [String]
    /// `number`, or `index` below the extent `below`.
    package let elements: String
    /// The extent below which indices lie.
    package let below: String?
    /// Whether it may be left out.
    package let isOptional: Bool
    /// Whether it is a parameter of the layer, rather than an activation.
    package let isParameter: Bool
  }

  /// An attribute that the layer takes.
  package struct Attribute: Sendable, Codable {
    /// The name.
    package let name: String
    /// The value where none is given.
    package let defaultValue: String
    /// The kind of values that it takes.
    package let kind: String
    /// The words that it may be, where it is a word.
    package let words: [String]
    /// The meaning.
    package let meaning: String
  }

  /// The version of the schema.
  package var schema = 1
  /// The layer's name.
  package let layer: String
  /// The formula.
  package let formula: String
  /// The tensors that it takes.
  package let tensors: [Tensor]
  /// The attributes that it takes.
  package let attributes: [Attribute]
  /// The names of the output's extents.
  package let output: [String]
  /// The result expected of a row that is masked whole; `nil` where there is no such row.
  package let maskedRow: String?

  /// The description of `layer`.
  package init(_ layer: LayerKind) {
    let signature = Catalogue.signature(of: layer)
    self.layer = layer.rawValue
    formula = signature.formula
    tensors = signature.tensors.map {
      Tensor(
        name: $0.name, shape: $0.shape, elements: $0.below == nil ? "number" : "index", below: $0.below,
        isOptional: $0.isOptional, isParameter: $0.isParameter)
    }
    attributes = signature.attributes.map {
      Attribute(
        name: $0.name, defaultValue: Self.short($0.defaultValue), kind: $0.defaultValue.kind, words: $0.words,
        meaning: $0.meaning)
    }
    output = signature.output
    maskedRow = signature.maskedRow
  }

  /// The value with as few digits as name its Float32.
  private static func short(_ value: AttributeValue) -> String {
    if case .real(let real) = value { "\(real)" } else { value.text }
  }

  /// The description for people.
  package var text: String {
    var lines = ["\(layer) [\(output.joined(separator: ", "))]"] + WrappedText.lines(formula, indent: 2)
    for tensor in tensors {
      var words = ["\(tensor.name) [\(tensor.shape.joined(separator: ", "))]"]
      if let below = tensor.below { words.append("whole numbers below \(below)") }
      if tensor.isOptional { words.append("optional") }
      lines += WrappedText.lines(words.joined(separator: ", "), lead: "  tensor     ")
    }
    for attribute in attributes {
      let values = attribute.words.isEmpty ? attribute.kind : attribute.words.joined(separator: ", ")
      lines += WrappedText.lines(
        "\(attribute.name) = \(attribute.defaultValue): \(attribute.meaning) (\(values))", lead: "  attribute  ")
    }
    if let maskedRow { lines += WrappedText.lines(maskedRow, lead: "  masked     ") }
    return lines.joined(separator: "\n")
  }
}
