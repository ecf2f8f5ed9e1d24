import PlumbModel

extension CheckedCase {
  /// The case without the inputs that none of the output's elements at `places` needs, and where these stand in its output; `nil`
  /// where all are needed.
  package func part(_ places: [Int]) -> (input: CheckedCase, within: [Int])? {
    let signature = Catalogue.signature(of: source.layer)
    guard !signature.isElementwise else {
      var part = source
      part.tensors = part.tensors.mapValues { tensor in
        guard case .real(let activation) = tensor else { return tensor }
        return .real(Activation(shape: [1, places.count], elements: places.map { activation.elements[$0] }))
      }
      return checked(part).map { ($0, Array(places.indices)) }
    }
    let apart = signature.output.map(isComputedApart)
    guard apart.contains(true) else { return nil }
    var part = source
    var within = [Int](repeating: 0, count: places.count)
    var stride = outputCount
    for (name, isApart) in zip(signature.output, apart) {
      let extent = extent(name)
      stride /= max(extent, 1)
      let indices = places.map { $0 / stride % extent }
      guard isApart else {
        for (number, index) in indices.enumerated() { within[number] = within[number] * extent + index }
        continue
      }
      let kept = Set(indices).sorted()
      let order = Dictionary(uniqueKeysWithValues: zip(kept, kept.indices))
      part = part.selecting(kept, along: name)
      for (number, index) in indices.enumerated() { within[number] = within[number] * kept.count + (order[index] ?? 0) }
    }
    return checked(part).map { ($0, within) }
  }

  private func checked(_ part: LayerCase) -> CheckedCase? {
    var input = try? CheckedCase(part)
    input?.reading = reading
    return input
  }

  /// Whether what the output has at an index along the axis `name` is computed from what the inputs have at that index of the same
  /// axis, and from all of the inputs without it.
  func isComputedApart(_ name: String) -> Bool {
    let signature = Catalogue.signature(of: source.layer)
    let places = signature.attributes.contains { $0.name == "firstPosition" }
    if case .custom(let formula) = source.layer, (try? FormulaShape(formula))?.coupled.contains(name) ?? true {
      return false
    }
    let slots = signature.tensors.filter { $0.shape.contains(name) }
    // Indices choose among all that stand along the axis.
    let isChosenFrom = signature.tensors.contains { $0.below == name }
    return source.layer != .block && !places && !isChosenFrom && !slots.isEmpty
      && slots.allSatisfy { $0.shape.first == name }
  }
}
