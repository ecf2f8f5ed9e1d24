import PlumbModel

/// A layer of the catalogue as a part of a formula: which of its tensors and extents are which of the formula's.
///
/// Leading axes that the layer has one of, such as its rows, may be any number, but where they have positions.
struct LayerCall {
  let layer: LayerKind
  /// The layer's tensors in the order of the arguments.
  let slots: [LayerSignature.Tensor]
  let attributes: [String: AttributeValue]
  /// The formula's axes of each of the layer's extents.
  let bound: [String: [String]]
  /// The axes of the result.
  let output: [String]
  /// The axes along which numbers meet.
  let coupled: Set<String>

  /// Fits `arguments`, the axes of tensors in order or by name, to the signature of `layer`.
  ///
  /// - Throws: `FormulaError` that says what does not fit.
  init(
    _ layer: LayerKind, _ arguments: [(name: String?, axes: [String])], _ written: [String: String]
  ) throws(FormulaError) {
    let signature = Catalogue.signature(of: layer)
    guard Catalogue.hasFormula(layer), signature.tensors.allSatisfy({ $0.below == nil }), layer != .block else {
      throw FormulaError("\(layer.rawValue) is no part of a formula: it takes whole numbers, or has no formula itself")
    }
    self.layer = layer
    slots = try Self.slots(arguments.map(\.name), signature)
    let attributes = try Self.attributes(written, signature)
    self.attributes = attributes
    if layer == .attentionScores,
      attributes["causal"] != .flag(false)
        || ["window", "windowAfter"].contains(where: { attributes[$0] ?? .integer(0) != .integer(0) })
    {
      throw FormulaError(
        "scores that a mask hides are no numbers: give attention_scores causal=false, or take attention")
    }
    let axes = arguments.map(\.axes)
    let leading = signature.output[0]
    // Rows that have positions are one axis.
    let places = signature.attributes.contains { $0.name == "firstPosition" }
    var bound: [String: [String]] = [:]
    for (slot, axes) in zip(slots, axes) {
      // The first extent may stand for several axes, or for none, where the result has it, too.
      let first = axes.count - (slot.shape.count - 1)
      let isFlexible = !places && slot.shape.first == leading && first >= 0
      guard isFlexible || axes.count == slot.shape.count else {
        throw FormulaError(
          "\(layer.rawValue) takes '\(slot.name)' [\(slot.shape.joined(separator: ","))], found "
            + FormulaShape.text(axes))
      }
      let groups = isFlexible ? [Array(axes[..<first])] + axes[first...].map { [$0] } : axes.map { [$0] }
      for (name, group) in zip(slot.shape, groups) {
        let known = bound.updateValue(group, forKey: name) ?? group
        guard known == group else {
          throw FormulaError(
            "\(layer.rawValue): '\(name)' of '\(slot.name)' is \(FormulaShape.text(group)), and of a tensor before it "
              + FormulaShape.text(known))
        }
      }
    }
    output = signature.output.flatMap { bound[$0] ?? [] }
    guard Set(output).count == output.count else {
      throw FormulaError("\(layer.rawValue) would have a result with the axes \(FormulaShape.text(output))")
    }
    let apart =
      !places && zip(slots, axes).allSatisfy { !$0.0.shape.dropFirst().contains(leading) } ? bound[leading] ?? [] : []
    coupled = Set(axes.joined()).subtracting(signature.isElementwise ? output : apart)
    self.bound = bound
  }

  private static func slots(
    _ names: [String?], _ signature: LayerSignature
  ) throws(FormulaError) -> [LayerSignature.Tensor] {
    var slots: [LayerSignature.Tensor] = []
    for (place, name) in names.enumerated() {
      let slot =
        name.map { name in signature.tensors.first { $0.name == name } }
        ?? (place < signature.tensors.count ? signature.tensors[place] : nil)
      guard let slot else {
        throw FormulaError(
          "\(signature.layer.rawValue) takes no tensor '\(name ?? "\(place + 1)")', only "
            + signature.tensors.map(\.name).joined(separator: ", "))
      }
      guard !slots.contains(where: { $0.name == slot.name }) else {
        throw FormulaError("\(signature.layer.rawValue) has '\(slot.name)' twice")
      }
      slots.append(slot)
    }
    if let missing = signature.tensors.first(where: { slot in
      !slot.isOptional && !slots.contains { $0.name == slot.name }
    }) {
      throw FormulaError("\(signature.layer.rawValue) lacks '\(missing.name)'")
    }
    return slots
  }

  private static func attributes(
    _ written: [String: String], _ signature: LayerSignature
  ) throws(FormulaError) -> [String: AttributeValue] {
    var attributes: [String: AttributeValue] = [:]
    for (name, text) in written {
      do {
        attributes[name] = try LayerCase.attribute(name, text, signature, name: "the formula")
      } catch {
        throw FormulaError(error.problem)
      }
    }
    return attributes
  }

  /// The extents of a tensor of the layer, from those of the formula.
  func shape(of slot: LayerSignature.Tensor, _ extents: [String: Int]) -> [Int] {
    slot.shape.map { (bound[$0] ?? []).reduce(1) { $0 * (extents[$1] ?? 1) } }
  }

  /// The layer's case of tensors that are all 0, whose shapes and attributes count.
  ///
  /// - Throws: `CaseError` where the extents do not fit the layer.
  func input(_ extents: [String: Int]) throws(CaseError) -> CheckedCase {
    var tensors: [String: CaseTensor] = [:]
    for slot in slots {
      let shape = shape(of: slot, extents)
      tensors[slot.name] = .real(
        Activation(shape: shape, elements: [Float](repeating: 0, count: shape.reduce(1, *))))
    }
    return try CheckedCase(LayerCase(layer: layer, attributes: attributes, tensors: tensors))
  }
}
