import PlumbCases
import PlumbModel
import PlumbVerdicts

/// Small changes of a case: the neighbours that a search looks at.
enum CaseMutation {
  /// A case that differs a little from `input`, fits its layer and keeps the extents of `shape` and the `attributes`.
  static func neighbour(
    of input: LayerCase, keeping shape: [String: Int] = [:], _ attributes: FixedAttributes = .none,
    using source: inout SeededSource
  ) -> LayerCase {
    // A change of shape or attributes may not fit; then another is tried.
    for _ in 0..<16 {
      var result = input
      for _ in 0..<1 << Int.random(in: 0...2, using: &source) { change(&result, using: &source) }
      result = attributes.applied(to: result)
      guard result != input, let checked = try? CheckedCase(result) else { continue }
      if checked.hasExtents(shape) { return result }
    }
    return input
  }

  private static func change(_ input: inout LayerCase, using source: inout SeededSource) {
    switch Int.random(in: 0..<16, using: &source) {
    case 0: changeAttribute(&input, using: &source)
    case 1, 2: changeShape(&input, using: &source)
    case 3: changeIndex(&input, using: &source)
    default: changeNumbers(&input, using: &source)
    }
  }

  private static func changeAttribute(_ input: inout LayerCase, using source: inout SeededSource) {
    guard let slot = Catalogue.signature(of: input.layer).attributes.randomElement(using: &source) else { return }
    switch input.attributes[slot.name] ?? slot.defaultValue {
    case .flag(let flag): input.attributes[slot.name] = .flag(!flag)
    case .integer(let integer):
      let step = source.size(1...1024)
      input.attributes[slot.name] = .integer(source.oneIn(2) ? integer + step : max(0, integer - step))
    case .real(let real):
      let value = NumberMutation.neighbour(of: real, using: &source)
      input.attributes[slot.name] = .real(value)
    case .word: input.attributes[slot.name] = slot.words.randomElement(using: &source).map { .word($0) }
    }
  }

  /// One index of one extent goes away, is doubled, or becomes the copy of another: in sums, terms that may cancel.
  private static func changeShape(_ input: inout LayerCase, using source: inout SeededSource) {
    guard let extents = try? CheckedCase(input).extents,
      let (name, extent) = extents.sorted(by: { $0.key < $1.key }).randomElement(using: &source), extent > 0
    else { return }
    var indices = Array(0..<extent)
    let chosen = Int.random(in: 0..<extent, using: &source)
    switch Int.random(in: 0..<4, using: &source) {
    case 0 where extent > 1: indices.remove(at: chosen)
    case 1 where extent < 64: indices.append(chosen)
    default: indices[Int.random(in: 0..<extent, using: &source)] = chosen
    }
    input = input.selecting(indices, along: name)
  }

  private static func changeIndex(_ input: inout LayerCase, using source: inout SeededSource) {
    for (name, tensor) in input.tensors.sorted(by: { $0.key < $1.key }) {
      guard case .integer(var indices) = tensor, !indices.elements.isEmpty else { continue }
      let place = Int.random(in: 0..<indices.elements.count, using: &source)
      indices.elements[place] = max(0, indices.elements[place] + Int.random(in: -2...2, using: &source))
      input.tensors[name] = .integer(indices)
    }
  }

  private static func changeNumbers(_ input: inout LayerCase, using source: inout SeededSource) {
    let names = input.tensors.keys.sorted()
    guard let name = names.randomElement(using: &source), case .real(var numbers)? = input.tensors[name],
      !numbers.elements.isEmpty
    else { return }
    let (place, other) = (
      Int.random(in: 0..<numbers.elements.count, using: &source),
      Int.random(in: 0..<numbers.elements.count, using: &source)
    )
    switch Int.random(in: 0..<12, using: &source) {
    case 0: numbers.elements.swapAt(place, other)
    case 1: numbers.elements[place] = numbers.elements[other]
    case 2:
      numbers.elements[place] = -NumberMutation.neighbour(of: numbers.elements[other], using: &source)
    case 3:
      let scale: Float = source.oneIn(2) ? 2 : 0.5
      let scaled = numbers.map { $0 * scale }
      if scaled.elements.allSatisfy(\.isFinite) { numbers = scaled }
    default: numbers.elements[place] = NumberMutation.neighbour(of: numbers.elements[place], using: &source)
    }
    input.tensors[name] = .real(numbers)
  }
}

/// Small changes of one number.
enum NumberMutation {
  /// A finite number that differs from `value` in its exponent, in some bits of its significand, or in its sign.
  static func neighbour(of value: Float, using source: inout SeededSource) -> Float {
    let result: Float
    switch Int.random(in: 0..<8, using: &source) {
    case 0, 1: result = value * [0.25, 0.5, 2, 4][Int.random(in: 0..<4, using: &source)]
    case 2, 3: result = Float(bitPattern: value.bitPattern ^ 1 << UInt32.random(in: 0..<23, using: &source))
    case 4: result = value + Float(Int.random(in: -4...4, using: &source)) * value.ulp
    case 5: result = -value
    case 6:
      let significand = UInt32.random(in: 0...0x7F_FFFF, using: &source)
      result = Float(bitPattern: (value.bitPattern & 0xFF80_0000) | significand)
    default: result = Strategy.edge.numbers(1, using: &source).first ?? value
    }
    return result.isFinite ? result : value
  }
}
