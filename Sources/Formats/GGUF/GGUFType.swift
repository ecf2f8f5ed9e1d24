import PlumbModel

/// The type of a tensor in a GGUF file: one that is read as it is stored, or one that is read as the numbers that it stands for.
enum GGUFType {
  case stored(TensorType)
  case codebook(CodebookType)

  /// The type of the `ggml_type` `code`; `nil` for none that can be read.
  init?(code: UInt32) {
    if let type = TensorType(rawValue: code) {
      self = .stored(type)
    } else if let type = CodebookType(rawValue: code) {
      self = .codebook(type)
    } else {
      return nil
    }
  }

  /// The names of all.
  static let labels = TensorType.allCases.map(\.label) + CodebookType.allCases.map(\.label)

  var elementsPerBlock: Int {
    switch self {
    case .stored(let type): type.elementsPerBlock
    case .codebook(let type): type.elementsPerBlock
    }
  }

  var label: String {
    switch self {
    case .stored(let type): type.label
    case .codebook(let type): type.label
    }
  }
}
