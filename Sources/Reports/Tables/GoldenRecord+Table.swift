import PlumbExact
import PlumbGolden
import PlumbModel
import PlumbVerdicts

extension GoldenRecord {
  /// The case for people: inputs and outputs in decimal, with every digit of an exact value proved.
  package var table: String {
    var lines = WrappedText.lines(note)
    if let seed { lines.append("seed       \(seed)") }
    for attribute in attributes {
      let real = attribute.value.hasPrefix("0x") ? Float(attribute.value) : nil
      lines.append("attribute  \(attribute.name) = \(real.map { "\($0)" } ?? attribute.value)")
    }
    for input in tensors {
      let words: [String] =
        switch input.tensor {
        case .real(let activation): activation.elements.map { "\($0)" }
        case .integer(let activation): activation.elements.map { "\($0)" }
        }
      lines.append("input      \(input.name) \(input.tensor.shape)")
      let columns = max(input.tensor.shape.last ?? 1, 1)
      for start in stride(from: 0, to: words.count, by: columns) {
        // A row begins where rows begin; what does not fit goes on below, further in.
        let row = words[start..<min(start + columns, words.count)].joined(separator: " ")
        lines += WrappedText.lines(row, lead: "           ", indent: 13)
      }
    }
    lines.append("precision  \(precision.map { "\($0) bits" } ?? "none: nothing is claimed")")
    for output in outputs {
      lines.append("output     \(output.name) \(output.shape)")
      for (index, element) in output.elements.enumerated() {
        let coordinates = "\(LocalComparison.coordinates(of: index, in: output.shape))"
        lines += WrappedText.lines(
          element?.sentence ?? "no value, or nothing is claimed", lead: "  \(coordinates)  ", indent: 4)
      }
    }
    return lines.joined(separator: "\n")
  }
}

extension GoldenElement {
  fileprivate var sentence: String {
    let limit = bound.map { $0 == 0 ? "exactly" : "± \($0)" } ?? "no bound"
    return "\(exact.isExact ? "= " : "≈ ")\(exact.provedDigits(20)) Float32 \(nearest) \(limit)"
  }
}
