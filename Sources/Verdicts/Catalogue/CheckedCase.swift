import PlumbLayers
import PlumbModel

/// A case that fits its layer: every tensor there with one number an extent, every attribute known.
package struct CheckedCase: Sendable {
  /// The case.
  package let source: LayerCase
  /// The extents by name.
  package let extents: [String: Int]
  /// The formula that tells which function the layer is, where kernels differ in that; the layer's own where there is none.
  package internal(set) var reading: FormulaName?
  private let attributes: [String: AttributeValue]

  /// Checks `source` against the signature of its layer.
  ///
  /// - Throws: `CaseError` naming the tensor or attribute, what was expected and what was found.
  package init(_ source: LayerCase) throws(CaseError) {
    let entry = Catalogue.entry(for: source.layer)
    let signature = Catalogue.signature(of: source.layer)
    self.source = source
    extents = try Self.extents(of: source, signature)
    attributes = try Self.attributes(of: source, signature)
    try entry.validate(self)
  }

  /// Whether it has the extents of `shape`; names of extents that its layer does not have count for nothing.
  package func hasExtents(_ shape: [String: Int]) -> Bool {
    shape.allSatisfy { extents[$0.key] ?? $0.value == $0.value }
  }

  private static func extents(of source: LayerCase, _ signature: LayerSignature) throws(CaseError) -> [String: Int] {
    var extents: [String: Int] = [:]
    for slot in signature.tensors {
      guard let tensor = source.tensors[slot.name] else {
        if slot.isOptional { continue }
        throw CaseError(source.layer, "tensor '\(slot.name)' \(named(slot.shape)) is missing")
      }
      guard tensor.shape.count == slot.shape.count else {
        throw CaseError(
          source.layer, "tensor '\(slot.name)' has shape \(tensor.shape), expected \(named(slot.shape))")
      }
      for (name, extent) in zip(slot.shape, tensor.shape) {
        let known = extents.updateValue(extent, forKey: name) ?? extent
        guard known == extent else {
          throw CaseError(
            source.layer,
            "tensor '\(slot.name)' has shape \(tensor.shape), expected \(named(slot.shape)) with "
              + "\(name) = \(known) as in the tensors before it")
        }
      }
    }
    for slot in signature.tensors {
      guard let tensor = source.tensors[slot.name] else { continue }
      switch (tensor, slot.below) {
      case (.real, nil): break
      case (.integer(let indices), let below?):
        let limit = extents[below] ?? 0
        if let bad = indices.elements.first(where: { !(0..<limit ~= $0) }) {
          throw CaseError(source.layer, "tensor '\(slot.name)' holds \(bad), expected 0 to \(limit - 1)")
        }
        if slot.isDistinct, let row = (0..<indices.rows).first(where: { Set(indices.row($0)).count < indices.columns })
        {
          throw CaseError(source.layer, "tensor '\(slot.name)' names one of the \(below) twice in row \(row)")
        }
      default:
        throw CaseError(
          source.layer,
          "tensor '\(slot.name)' holds \(tensor.elementName) elements, expected "
            + (slot.below == nil ? "Float32" : "integers"))
      }
    }
    let known = signature.tensors.map(\.name)
    if let unknown = source.tensors.keys.sorted().first(where: { !known.contains($0) }) {
      throw CaseError(
        source.layer, "there is no tensor '\(unknown)', only \(known.joined(separator: ", "))")
    }
    return extents
  }

  private static func attributes(
    of source: LayerCase, _ signature: LayerSignature
  ) throws(CaseError) -> [String: AttributeValue] {
    var attributes: [String: AttributeValue] = [:]
    for slot in signature.attributes {
      let value = source.attributes[slot.name] ?? slot.defaultValue
      guard value.kind == slot.defaultValue.kind else {
        throw CaseError(source.layer, "attribute '\(slot.name)' must be \(slot.defaultValue.kind)")
      }
      if case .word(let word) = value, !slot.words.contains(word) {
        throw CaseError(
          source.layer, "attribute '\(slot.name)' is '\(word)', expected one of \(slot.words.joined(separator: ", "))")
      }
      attributes[slot.name] = value
    }
    if let unknown = source.attributes.keys.sorted().first(where: { attributes[$0] == nil }) {
      throw CaseError(
        source.layer,
        "there is no attribute '\(unknown)', only \(signature.attributes.map(\.name).joined(separator: ", "))")
    }
    return attributes
  }

  private static func named(_ shape: [String]) -> String { "[\(shape.joined(separator: ", "))]" }
}

// MARK: - Reading a checked case

// The signature guarantees that what an entry of the catalogue asks for is there, so its absence is a bug of the entry.
extension CheckedCase {
  /// The Float32 tensor `name`.
  package func real(_ name: String) -> Activation<Float> {
    guard let tensor = optionalReal(name) else { preconditionFailure("\(source.layer): no Float32 tensor '\(name)'") }
    return tensor
  }

  /// The Float32 tensor `name`, where the case has it.
  package func optionalReal(_ name: String) -> Activation<Float>? {
    if case .real(let activation)? = source.tensors[name] { activation } else { nil }
  }

  /// The elements of the integer tensor `name`.
  package func integers(_ name: String) -> [Int] {
    guard case .integer(let activation)? = source.tensors[name] else {
      preconditionFailure("\(source.layer): no integer tensor '\(name)'")
    }
    return activation.elements
  }

  /// The tensor `name` as weights in Float32.
  package func weights(_ name: String) -> Tensor { optionalWeights(name) ?? missing(name) }

  /// The tensor `name` as weights in Float32, where the case has it.
  func optionalWeights(_ name: String) -> Tensor? {
    optionalReal(name).flatMap {
      Tensor(name: name, type: .f32, shape: $0.shape, bytes: WeightArray($0.elements))
    }
  }

  /// The tensor `name` as weights in Float32, under another shape of the same size.
  func weights(_ name: String, shape: [Int]) -> Tensor {
    Tensor(name: name, type: .f32, shape: shape, bytes: WeightArray(real(name).elements)) ?? missing(name)
  }

  /// Whether every parameter is finite, as weights always are.
  var hasFiniteParameters: Bool {
    Catalogue.signature(of: source.layer).tensors.allSatisfy { slot in
      !slot.isParameter || optionalReal(slot.name)?.elements.allSatisfy(\.isFinite) ?? true
    }
  }

  /// The extent `name`.
  package func extent(_ name: String) -> Int { extents[name] ?? missing(name) }

  /// The attribute `name`, a flag.
  package func flag(_ name: String) -> Bool {
    if case .flag(let value)? = attributes[name] { value } else { missing(name) }
  }

  /// The attribute `name`, a whole number.
  package func integer(_ name: String) -> Int {
    if case .integer(let value)? = attributes[name] { value } else { missing(name) }
  }

  /// The attribute `name`, a number.
  package func number(_ name: String) -> Float {
    if case .real(let value)? = attributes[name] { value } else { missing(name) }
  }

  /// The attribute `name`, a word.
  package func word(_ name: String) -> String {
    if case .word(let value)? = attributes[name] { value } else { missing(name) }
  }

  /// The attribute `name`, a number; `nil` where it is 0.
  package func nonZero(_ name: String) -> Float? { number(name) == 0 ? nil : number(name) }

  /// Checks that the attribute `name` is a finite number from 0 up.
  func requireFromZeroUp(_ name: String) throws(CaseError) {
    guard number(name) >= 0, number(name).isFinite else {
      throw CaseError(source.layer, "attribute '\(name)' must be a finite number from 0 up")
    }
  }

  /// Checks that the attribute `name` is a finite number above 0.
  func requirePositive(_ name: String) throws(CaseError) {
    guard number(name) > 0, number(name).isFinite else {
      throw CaseError(source.layer, "attribute '\(name)' must be positive and finite")
    }
  }

  private func missing<T>(_ name: String) -> T {
    preconditionFailure("\(source.layer): '\(name)' is not in the signature")
  }
}
