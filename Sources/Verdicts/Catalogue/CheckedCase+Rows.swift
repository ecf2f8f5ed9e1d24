import PlumbModel

// Numbers that are not finite, and the rows of the output that they spoil.
extension CheckedCase {
  /// Sentences that say which inputs are not finite, one for each tensor that has such numbers.
  package var nonFiniteInputs: [String] {
    nonFinite.map { name, elements in
      let tensor = real(name)
      let rows = tensor.shape.count > 1 ? Set(elements.map { $0 / rowSize(tensor) }).sorted() : elements
      let (word, extent) = tensor.shape.count > 1 ? ("row", tensor.shape[0]) : ("place", elements.count)
      let numbers = elements.count == 1 ? "1 number that is" : "\(elements.count) numbers that are"
      return "'\(name)' has \(numbers) not finite, in "
        + (rows.count == 1 ? "\(word) \(rows[0])" : "\(word)s \(ReportText.listed(rows))")
        + (word == "row" ? " of \(extent)." : ".")
    }
  }

  /// The rows of the output that are computed from finite numbers alone; `nil` where all are, or none, or rows are not computed
  /// each from its own.
  var soundRows: [Int]? {
    let signature = Catalogue.signature(of: source.layer)
    let axis = signature.output[0]
    guard isComputedApart(axis) else { return nil }
    var bad = Set<Int>()
    for (name, elements) in nonFinite {
      // A tensor without the axis goes into every row.
      guard signature.tensors.first(where: { $0.name == name })?.shape.first == axis else { return nil }
      bad.formUnion(elements.map { $0 / rowSize(real(name)) })
    }
    let sound = (0..<extent(axis)).filter { !bad.contains($0) }
    return bad.isEmpty || sound.isEmpty ? nil : sound
  }

  /// The elements of each tensor that are not finite, for the tensors that have some.
  private var nonFinite: [(name: String, elements: [Int])] {
    Catalogue.signature(of: source.layer).tensors.compactMap { slot in
      guard slot.below == nil, let tensor = optionalReal(slot.name) else { return nil }
      let elements = tensor.elements.indices.filter {
        !tensor.elements[$0].isFinite && !(slot.isMaskable && tensor.elements[$0] == -.infinity)
      }
      return elements.isEmpty ? nil : (slot.name, elements)
    }
  }

  private func rowSize(_ tensor: Activation<Float>) -> Int { tensor.shape.dropFirst().reduce(1, *) }
}

extension LocalDrift {
  /// The drift of an output of `shape`, of whose rows `rows` this is the drift; nothing is claimed of the others.
  func spread(over rows: [Int], of shape: [Int]) -> LocalDrift {
    let size = shape.dropFirst().reduce(1, *)
    let others = (shape[0] - rows.count) * size
    return LocalDrift(
      worstUlps: worstUlps, medianUlps: medianUlps, worstAbsolute: worstAbsolute, relative: relative, bound: bound,
      margin: margin, verdict: verdict.joined(others > 0 ? .outsideDomain : .within),
      outsideDomain: outsideDomain + others, undecided: undecided,
      worst: worst.map {
        WorstElement(
          index: [rows[$0.index[0]]] + $0.index.dropFirst(), engine: $0.engine, lower: $0.lower, upper: $0.upper)
      }, ulps: ulps, margins: margins, problem: problem)
  }
}
