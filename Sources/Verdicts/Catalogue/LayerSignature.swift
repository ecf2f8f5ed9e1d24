import PlumbModel

/// The data on what a layer takes and gives: the source of its documentation, its checks and its generators.
package struct LayerSignature: Sendable {
  /// A tensor that the layer takes.
  package struct Tensor: Sendable {
    /// The name in cases and files.
    package let name: String
    /// The names of the extents, outermost first; one name is one number throughout a case.
    package let shape: [String]
    /// Whether the elements are whole numbers below the extent `below`, rather than Float32s.
    package let below: String?
    /// Whether a case may leave it out.
    package let isOptional: Bool
    /// Whether it is a parameter of the layer, rather than an activation.
    package let isParameter: Bool
    /// Whether the whole numbers of a row are all different.
    package var isDistinct = false
    /// Whether an element of −∞ is one that a mask excludes.
    package var isMaskable = false

    static func input(_ name: String, _ shape: [String], isMaskable: Bool = false) -> Tensor {
      var tensor = Tensor(name: name, shape: shape, below: nil, isOptional: false, isParameter: false)
      tensor.isMaskable = isMaskable
      return tensor
    }

    static func indices(_ name: String, _ shape: [String], below: String) -> Tensor {
      Tensor(name: name, shape: shape, below: below, isOptional: false, isParameter: false)
    }

    /// Indices of which no row has one twice.
    static func choices(_ name: String, _ shape: [String], below: String) -> Tensor {
      var tensor = indices(name, shape, below: below)
      tensor.isDistinct = true
      return tensor
    }

    static func parameter(_ name: String, _ shape: [String], isOptional: Bool = false) -> Tensor {
      Tensor(name: name, shape: shape, below: nil, isOptional: isOptional, isParameter: true)
    }
  }

  /// An attribute that the layer takes.
  package struct Attribute: Sendable {
    /// The name, the field's own.
    package let name: String
    /// The value where a case gives none.
    package let defaultValue: AttributeValue
    /// The meaning, in a few words.
    package let meaning: String
    /// The words that it may be, where it is a word.
    package let words: [String]

    init(_ name: String, _ defaultValue: AttributeValue, _ meaning: String, words: [String] = []) {
      self.name = name
      self.defaultValue = defaultValue
      self.meaning = meaning
      self.words = words
    }
  }

  /// The layer.
  package let layer: LayerKind
  /// The formula, in one line.
  package let formula: String
  /// The tensors that it takes.
  package let tensors: [Tensor]
  /// The attributes that it takes.
  package let attributes: [Attribute]
  /// The names of the output's extents, outermost first.
  package let output: [String]
  /// The result expected of a row that is masked whole; `nil` where there is no such row.
  package let maskedRow: String?
  /// Whether each output element depends on one element of each input only.
  package let isElementwise: Bool

  init(
    _ layer: LayerKind, _ formula: String, tensors: [Tensor], attributes: [Attribute] = [], output: [String],
    maskedRow: String? = nil, isElementwise: Bool = false
  ) {
    self.layer = layer
    self.formula = formula
    self.tensors = tensors
    self.attributes = attributes
    self.output = output
    self.maskedRow = maskedRow
    self.isElementwise = isElementwise
  }
}
