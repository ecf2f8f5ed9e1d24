import PlumbModel

/// One input of one layer: everything that determines its output, and nothing else.
package struct LayerCase: Sendable, Equatable {
  /// The layer.
  package let layer: LayerKind
  /// The attributes that differ from their defaults, by name.
  package var attributes: [String: AttributeValue]
  /// The inputs and parameters, by name.
  package var tensors: [String: CaseTensor]

  /// Makes a case; `CheckedCase` says whether it fits the layer.
  package init(layer: LayerKind, attributes: [String: AttributeValue] = [:], tensors: [String: CaseTensor]) {
    self.layer = layer
    self.attributes = attributes
    self.tensors = tensors
  }
}

/// The value of an attribute of a layer.
package enum AttributeValue: Sendable, Hashable {
  /// Yes or no.
  case flag(Bool)
  /// A whole number.
  case integer(Int)
  /// The real number that a Float32 is.
  case real(Float)
  /// One of a few words.
  case word(String)

  /// The kind of value that it is, for people.
  package var kind: String {
    switch self {
    case .flag: "true or false"
    case .integer: "a whole number"
    case .real: "a number"
    case .word: "a word"
    }
  }
}

/// A tensor of a case.
package enum CaseTensor: Sendable, Equatable {
  /// Float32 values.
  case real(Activation<Float>)
  /// Whole numbers, such as tokens.
  case integer(Activation<Int>)

  /// The extents, outermost first.
  package var shape: [Int] {
    switch self {
    case .real(let activation): activation.shape
    case .integer(let activation): activation.shape
    }
  }

  /// The name of its elements, for people.
  package var elementName: String {
    switch self {
    case .real: "Float32"
    case .integer: "integer"
    }
  }
}
