import PlumbModel

extension LayerCase {
  /// The case in which the extent `name` keeps the indices `kept`, in that order, in every tensor that has it.
  ///
  /// All that depends on the extent follows: heads go with the heads of keys and values that they share, indices with the rows
  /// that they choose, the position of row 0 with the rows before it. The result need not fit its layer.
  package func selecting(_ kept: [Int], along name: String) -> LayerCase {
    var result = self
    for slot in Catalogue.signature(of: layer).tensors {
      guard let tensor = tensors[slot.name] else { continue }
      if let axis = slot.shape.firstIndex(of: name) {
        result.tensors[slot.name] =
          switch tensor {
          case .real(let activation): .real(activation.selecting(kept, axis: axis))
          case .integer(let activation): .integer(activation.selecting(kept, axis: axis))
          }
      }
      if slot.below == name, case .integer(let indices)? = result.tensors[slot.name] {
        // An index whose row is gone chooses row 0.
        let places = Dictionary(zip(kept, kept.indices)) { first, _ in first }
        result.tensors[slot.name] = .integer(indices.map { places[$0] ?? 0 })
      }
    }
    if case .integer(let first)? = attributes["firstPosition"] {
      switch name {
      case "positions": result.attributes["firstPosition"] = .integer(kept.count { $0 < first })
      case "tokens": result.attributes["firstPosition"] = .integer(first + (kept.first ?? 0))
      default: break
      }
    }
    return result
  }

  /// The case without the heads of keys and values outside `kept`, nor the heads that share those.
  package func selectingHeads(_ kept: [Int], extents: [String: Int]) -> LayerCase {
    let shared = (extents["heads"] ?? 1) / max(extents["keyValueHeads"] ?? 1, 1)
    return selecting(kept, along: "keyValueHeads")
      .selecting(kept.flatMap { Array($0 * shared..<($0 + 1) * shared) }, along: "heads")
  }
}

extension Activation {
  /// The elements whose index along `axis` is in `kept`, in that order.
  package func selecting(_ kept: [Int], axis: Int) -> Activation {
    let inner = shape[(axis + 1)...].reduce(1, *)
    let outer = shape[..<axis].reduce(1, *)
    var extents = shape
    extents[axis] = kept.count
    var result: [Element] = []
    result.reserveCapacity(outer * kept.count * inner)
    for block in 0..<outer {
      for index in kept {
        let start = (block * shape[axis] + index) * inner
        result += elements[start..<start + inner]
      }
    }
    return Activation(shape: extents, elements: result)
  }
}
