import PlumbExact
import PlumbFormats
import PlumbModel

extension GoldenFile {
  /// The file as text: one element of an output a line, one row of an input a line, its checksum last.
  package var text: String {
    var lines = ["plumbline golden \(Self.version)"]
    switch subject {
    case .layer(let layer): lines.append("layer \(layer.rawValue)")
    case .model(let name): lines.append("model \(name)")
    }
    lines.append("arithmetic \(arithmetic)")
    for record in cases { lines += [""] + record.lines }
    lines += ["", "end \(cases.count)", ""]
    return ChecksumLine.plain.sealed(lines.joined(separator: "\n"))
  }
}

extension GoldenRecord {
  /// The lines of the case.
  var lines: [String] {
    var lines = ["case \(name)", "note \(note)"]
    if let seed { lines.append("seed \(seed)") }
    for attribute in attributes { lines.append("attribute \(attribute.name) \(attribute.value)") }
    for input in tensors {
      lines.append("\(input.tensor.keyword) \(input.name) \(input.tensor.shape)")
      let words: [String] =
        switch input.tensor {
        case .real(let activation): activation.elements.map(\.hexadecimal)
        case .integer(let activation): activation.elements.map(String.init)
        }
      let columns = max(input.tensor.shape.last ?? 1, 1)
      for start in stride(from: 0, to: words.count, by: columns) {
        lines.append("  " + words[start..<min(start + columns, words.count)].joined(separator: " "))
      }
    }
    lines.append("precision \(precision.map(String.init) ?? "none")")
    for output in outputs {
      lines.append("output \(output.name) \(output.shape)")
      lines += output.elements.map { "  " + ($0?.text ?? "none") }
    }
    return lines
  }
}

extension GoldenElement {
  /// The element as a file writes it: `ball | Float32 | bound`, the Float32 with a `?` where it is not proved.
  var text: String { "\(exact) | \(nearest.hexadecimal)\(isProved ? "" : "?") | \(bound?.hexadecimal ?? "none")" }
}
