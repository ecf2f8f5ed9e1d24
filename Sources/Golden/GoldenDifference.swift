import PlumbExact
import PlumbModel
import PlumbVerdicts

/// The changes of one case from one golden file to another, in numbers; its coding keys are the documented JSON schema.
package struct GoldenDifference: Sendable, Codable {
  /// The version of the schema.
  package var schema = 1
  /// The file and the case, as in `softmax/ordinary`.
  package let name: String
  /// The kind of change.
  package let change: Change
  /// The number of elements.
  package var elements = 0
  /// The number of elements whose lines differ.
  package var differing = 0
  /// The greatest distance of the Float32s, in steps from one to the next.
  package var float32Steps: UInt64 = 0
  /// The number of elements whose bound changed.
  package var boundsChanged = 0
  /// The elements whose enclosures have no number in common, the first few: of the two goldens one is proved wrong.
  ///
  /// *Theorem.* The same input has one exact result, which lies in every ball that encloses it.
  package var disjoint: [String] = []
  /// The number of those.
  package var disjointCount = 0

  /// A kind of change of a case.
  package enum Change: String, Sendable, Codable {
    /// It is there in the new file only.
    case added
    /// It is there in the old file only.
    case removed
    /// Its input or its shape is another.
    case otherInput = "other input"
    /// The same input gives something else.
    case otherOutput = "other output"
    /// Only its name's surroundings, such as the note or the precision, changed.
    case otherText = "other text"
  }

  /// One line for people.
  package var text: String {
    switch change {
    case .added: return "\(name): added"
    case .removed: return "\(name): removed"
    case .otherInput: return "\(name): another input; its outputs cannot be compared"
    case .otherText: return "\(name): the same numbers; its note, seed or precision changed"
    case .otherOutput:
      var parts = ["\(differing) of \(elements) elements differ"]
      parts.append(
        float32Steps == 0 ? "every Float32 is the same" : "Float32s by at most \(float32Steps) ulps")
      if boundsChanged > 0 { parts.append("\(boundsChanged) bounds changed") }
      parts.append(
        disjointCount == 0
          ? "the enclosures meet"
          : "\(disjointCount) enclosures do not meet, at \(disjoint.joined(separator: ", "))"
            + "\(disjointCount > disjoint.count ? ", …" : ""): one of the two is proved wrong")
      return "\(name): " + parts.joined(separator: "; ")
    }
  }

  private init(_ name: String, _ change: Change) {
    self.name = name
    self.change = change
  }

  /// The changes from `old` to `new`; cases that did not change are left out.
  package static func between(_ old: GoldenFile?, _ new: GoldenFile?) -> [GoldenDifference] {
    guard let subject = (new ?? old)?.subject.name else { return [] }
    var differences: [GoldenDifference] = []
    for record in old?.cases ?? [] {
      let name = "\(subject)/\(record.name)"
      guard let after = new?.cases.first(where: { $0.name == record.name }) else {
        differences.append(GoldenDifference(name, .removed))
        continue
      }
      if record.lines == after.lines { continue }
      differences.append(between(record, after, name))
    }
    for record in new?.cases ?? [] where !(old?.cases.contains { $0.name == record.name } ?? false) {
      differences.append(GoldenDifference("\(subject)/\(record.name)", .added))
    }
    return differences
  }

  private static func between(_ old: GoldenRecord, _ new: GoldenRecord, _ name: String) -> GoldenDifference {
    let isSameInput =
      old.inputLines == new.inputLines && old.outputs.map(\.name) == new.outputs.map(\.name)
      && old.outputs.map(\.shape) == new.outputs.map(\.shape)
    guard isSameInput else { return GoldenDifference(name, .otherInput) }
    guard old.outputLines != new.outputLines else { return GoldenDifference(name, .otherText) }
    var difference = GoldenDifference(name, .otherOutput)
    for (before, after) in zip(old.outputs, new.outputs) {
      for (index, pair) in zip(before.elements, after.elements).enumerated() {
        difference.elements += 1
        guard pair.0?.text != pair.1?.text else { continue }
        difference.differing += 1
        if pair.0?.bound != pair.1?.bound { difference.boundsChanged += 1 }
        guard let first = pair.0, let second = pair.1 else { continue }
        difference.float32Steps = max(difference.float32Steps, first.nearest.steps(to: second.nearest))
        guard !first.exact.overlaps(second.exact) else { continue }
        difference.disjointCount += 1
        if difference.disjoint.count < 3 {
          difference.disjoint.append(
            "\(before.name)\(LocalComparison.coordinates(of: index, in: before.shape))")
        }
      }
    }
    return difference
  }
}

extension GoldenRecord {
  /// The lines that say what the case is fed.
  fileprivate var inputLines: [String] {
    GoldenRecord(
      name: name, note: "", seed: nil, attributes: attributes, tensors: tensors, precision: nil, outputs: []
    ).lines
  }

  /// The lines that say what it gives.
  fileprivate var outputLines: [String] {
    GoldenRecord(name: name, note: "", seed: nil, attributes: [], tensors: [], precision: nil, outputs: outputs).lines
  }
}

extension Float {
  /// The number of steps from one Float32 to the next that lead to `other`.
  func steps(to other: Float) -> UInt64 {
    func place(_ value: Float) -> Int64 {
      let magnitude = Int64(value.magnitude.bitPattern)
      return value.sign == .minus ? -magnitude : magnitude
    }
    return (place(self) - place(other)).magnitude
  }
}
