import PlumbBounds
import PlumbModel
import PlumbVerdicts

// Why nothing can be claimed, and what to do about it.
extension GradeMeasurement {
  /// The reason why nothing is claimed of the end of `segment`, or of some of its elements, and what to dump where that helps;
  /// `nil` where something is claimed of each.
  func unclaimed(_ segment: Segment, _ drift: LocalDrift) -> String? {
    let count = dump.tensors[segment.end]?.activation.elements.count ?? 0
    guard drift.outsideDomain > 0 else {
      guard drift.undecided > 0 else { return nil }
      let part = drift.undecided < count ? "\(drift.undecided) of \(count) elements of " : ""
      return "Nothing can be claimed of \(part)'\(segment.end)': undecided, as "
        + "\(LocalMeasurement.greatestPrecision) bits do not tell on which side of the bound they lie."
    }
    let part = drift.outsideDomain < count ? "\(drift.outsideDomain) of \(count) elements of " : ""
    let opening = "Nothing can be claimed of \(part)'\(segment.end)': "
    if let bad = segment.beginnings.first(where: { !nonFiniteElements(of: $0).isEmpty }) {
      return opening + "its input '\(bad)' is not finite everywhere."
    }
    let names = segment.beginnings.map { "'\($0)'" }
    let known = names.isEmpty ? "the tokens" : names.joined(separator: ", ")
    let blocks = segment.blocks
    if let first = blocks.first, let last = blocks.last {
      let outputs = dump.table.pattern(of: .feedForwardResidual).map { ", '\($0)'," } ?? ""
      return opening + (first == last ? "1 block lies" : "\(blocks.count) blocks lie")
        + " between \(known) and it, and bounds of the worst case grow by thousands a block. Dump the output\(outputs) of "
        + (first == last ? "block \(first)" : "blocks \(first) to \(last)")
        + ", or better what every module takes and gives (Tests/Recipes; page Grading)."
    }
    guard let first = segment.between.first else {
      return opening + "an intermediate of it may overflow, or a divisor be 0."
    }
    return opening + "over what the dump lacks between \(known) and it, the bound of an intermediate may reach "
      + "infinity, or that of a divisor 0. Dump '\(first)'"
      + (segment.between.count > 1 ? " and what follows it." : ".")
  }

  /// The elements of `name` in the dump that hold a value and are not finite.
  func nonFiniteElements(of name: ActivationName) -> [Int] {
    guard let activation = dump.tensors[name]?.activation else { return [] }
    let holdsValue = Checks.holdsValue(model.transformer.plan[name], shape: activation.shape)
    return activation.elements.indices.filter { !activation.elements[$0].isFinite && (holdsValue?($0) ?? true) }
  }
}
