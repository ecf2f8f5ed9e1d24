public import PlumbModel

/// A layer as `plumb layer --list` describes it; its coding keys are the documented JSON schema.
public struct LayerDescription: Sendable, Codable {
  /// A tensor that the layer takes.
  public struct Tensor: Sendable, Codable {
    /// The name in files.
    public let name: String
    /// The names of the extents, outermost first; one name is one number throughout a case.
    public let shape: [String]
    /// `number`, or `index` below the extent `below`.
    public let elements: String
    /// The extent below which indices lie.
    public let below: String?
    /// Whether it may be left out.
    public let isOptional: Bool
    /// Whether it is a parameter of the layer, rather than an activation.
    public let isParameter: Bool
  }

  /// An attribute that the layer takes.
  public struct Attribute: Sendable, Codable {
    /// The name.
    public let name: String
    /// The value where none is given.
    public let defaultValue: String
    /// The kind of values that it takes.
    public let kind: String
    /// The words that it may be, where it is a word.
    public let words: [String]
    /// The meaning.
    public let meaning: String
  }

  /// The version of the schema.
  public var schema = 1
  /// The layer's name.
  public let layer: String
  /// The formula.
  public let formula: String
  /// The tensors that it takes.
  public let tensors: [Tensor]
  /// The attributes that it takes.
  public let attributes: [Attribute]
  /// The names of the output's extents.
  public let output: [String]
  /// The result expected of a row that is masked whole; `nil` where there is no such row.
  public let maskedRow: String?

  /// The description of `layer`.
  public init(_ layer: LayerKind) {
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
  public var text: String {
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
