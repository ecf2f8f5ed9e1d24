public import PlumbModel

/// The data on what a layer takes and gives: the source of its documentation, its checks and its generators.
public struct LayerSignature: Sendable {
  /// A tensor that the layer takes.
  public struct Tensor: Sendable {
    /// The name in cases and files.
    public let name: String
    /// The names of the extents, outermost first; one name is one number throughout a case.
    public let shape: [String]
    /// Whether the elements are whole numbers below the extent `below`, rather than Float32s.
    public let below: String?
    /// Whether a case may leave it out.
    public let isOptional: Bool
    /// Whether it is a parameter of the layer, rather than an activation.
    public let isParameter: Bool
    /// Whether an element of −∞ is one that a mask excludes.
    public var isMaskable = false

    static func input(_ name: String, _ shape: [String], isMaskable: Bool = false) -> Tensor {
      var tensor = Tensor(name: name, shape: shape, below: nil, isOptional: false, isParameter: false)
      tensor.isMaskable = isMaskable
      return tensor
    }

    static func indices(_ name: String, _ shape: [String], below: String) -> Tensor {
      Tensor(name: name, shape: shape, below: below, isOptional: false, isParameter: false)
    }

    static func parameter(_ name: String, _ shape: [String], isOptional: Bool = false) -> Tensor {
      Tensor(name: name, shape: shape, below: nil, isOptional: isOptional, isParameter: true)
    }
  }

  /// An attribute that the layer takes.
  public struct Attribute: Sendable {
    /// The name, the field's own.
    public let name: String
    /// The value where a case gives none.
    public let defaultValue: AttributeValue
    /// The meaning, in a few words.
    public let meaning: String
    /// The words that it may be, where it is a word.
    public let words: [String]

    init(_ name: String, _ defaultValue: AttributeValue, _ meaning: String, words: [String] = []) {
      self.name = name
      self.defaultValue = defaultValue
      self.meaning = meaning
      self.words = words
    }
  }

  /// The layer.
  public let layer: LayerKind
  /// The formula, in one line.
  public let formula: String
  /// The tensors that it takes.
  public let tensors: [Tensor]
  /// The attributes that it takes.
  public let attributes: [Attribute]
  /// The names of the output's extents, outermost first.
  public let output: [String]
  /// The result expected of a row that is masked whole; `nil` where there is no such row.
  public let maskedRow: String?
  /// Whether each output element depends on one element of each input only.
  public let isElementwise: Bool

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
