import PlumbExact
import PlumbFormats
import PlumbModel
import PlumbVerdicts

extension GoldenFile {
  /// The file that `text` writes, which `file` names in messages.
  ///
  /// Reading is total: whatever the text, there is a file or an error that names the line. Each Float32 is held against its
  /// ball, each case of a layer against the layer's signature, and the whole against its checksum.
  /// - Throws: `GoldenError`.
  package init(text: String, file: String) throws(GoldenError) {
    var reader = GoldenReader(text, file: file)
    self = try reader.file()
    if let problem = ChecksumLine.plain.problem(in: text) {
      throw reader.fault(problem, line: text.utf8.count { $0 == UInt8(ascii: "\n") })
    }
  }
}

/// Walks through the lines of a golden file.
private struct GoldenReader {
  private let lines: [Substring]
  private let name: String
  private let remedy: String
  private var index = 0

  init(_ text: String, file: String) {
    lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    name = file
    let stem = file.split(separator: "/").last.map { $0.hasSuffix(".golden") ? $0.dropLast(7) : $0 } ?? ""
    let known = GoldenFile.Subject.all.contains { $0.name == stem }
    remedy = "run 'plumb golden regenerate\(known ? " \(stem)" : "")' if nobody meant to change it"
  }

  /// An error on the line that was read last, or on `line`.
  func fault(_ problem: String, line: Int? = nil) -> GoldenError {
    GoldenError(name, line: line ?? max(index, 1), problem, remedy)
  }

  /// A short quotation of `text`.
  private func quoted(_ text: Substring) -> String { text.count > 40 ? "'\(text.prefix(40))…'" : "'\(text)'" }

  /// The next line, which `what` describes.
  private mutating func line(_ what: String) throws(GoldenError) -> Substring {
    guard index < lines.count else { throw fault("the file ends where \(what) is expected", line: lines.count) }
    index += 1
    return lines[index - 1]
  }

  /// The rest of the next line where it begins with `keyword`, or `nil`, and then the line is still to be read.
  private mutating func optional(_ keyword: String) -> Substring? {
    guard index < lines.count, lines[index].hasPrefix(keyword + " ") else { return nil }
    index += 1
    return lines[index - 1].dropFirst(keyword.count + 1)
  }

  /// The rest of the next line, which must begin with `keyword`.
  private mutating func required(_ keyword: String) throws(GoldenError) -> Substring {
    if let rest = optional(keyword) { return rest }
    let found = try line("'\(keyword) …'")
    throw fault("\(quoted(found)) stands where '\(keyword) …' is expected")
  }

  mutating func file() throws(GoldenError) -> GoldenFile {
    let version = try required("plumbline golden")
    guard Int(version) == GoldenFile.version else {
      throw GoldenError(
        name, line: 1, "is of version \(quoted(version)); this plumb reads version \(GoldenFile.version)",
        "read it with the plumb that wrote it, or run 'plumb golden regenerate'")
    }
    let subject = try subject()
    let arithmetic = String(try required("arithmetic"))
    var cases: [GoldenRecord] = []
    var names = Set<String>()
    while true {
      let gap = try line("an empty line")
      guard gap.isEmpty else { throw fault("\(quoted(gap)) stands where an empty line is expected") }
      if let count = optional("end") {
        guard Int(count) == cases.count else { throw fault("'end \(count)' closes a file of \(cases.count) cases") }
        _ = optional("checksum")
        break
      }
      let record = try record(of: subject)
      guard names.insert(record.name).inserted else {
        throw fault("the case '\(record.name)' is there twice", line: record.line)
      }
      cases.append(record)
    }
    guard try line("the end of the last line").isEmpty, index == lines.count else {
      throw fault("there is more behind the end of the file")
    }
    return GoldenFile(subject: subject, arithmetic: arithmetic, cases: cases)
  }

  private mutating func subject() throws(GoldenError) -> GoldenFile.Subject {
    if let model = optional("model") {
      guard GoldenModel.all.contains(where: { $0.name == model }) else {
        throw GoldenError(
          name, line: index, "there is no model '\(model)' any more",
          "delete the file; 'plumb golden regenerate' writes those there are")
      }
      return .model(String(model))
    }
    let text = try required("layer")
    guard let layer = LayerKind(rawValue: String(text)) else {
      throw GoldenError(
        name, line: index, "there is no layer \(quoted(text)) any more",
        "delete the file; 'plumb layer --list' names the layers, 'plumb golden regenerate' writes their goldens")
    }
    return .layer(layer)
  }

  private mutating func record(of subject: GoldenFile.Subject) throws(GoldenError) -> GoldenRecord {
    let name = try required("case")
    let start = index
    guard !name.isEmpty, !name.contains(where: \.isWhitespace) else { throw fault("a case has a name of one word") }
    let note = try required("note")
    let seed = try optional("seed").map { text throws(GoldenError) -> UInt64 in
      guard let seed = UInt64(text) else { throw fault("\(quoted(text)) is no seed") }
      return seed
    }
    var attributes: [GoldenRecord.Attribute] = []
    while let text = optional("attribute") {
      guard let space = text.firstIndex(of: " ") else { throw fault("an attribute has a name and a value") }
      attributes.append(
        GoldenRecord.Attribute(name: String(text[..<space]), value: String(text[text.index(after: space)...])))
    }
    var tensors: [GoldenRecord.Input] = []
    while let input = try input() { tensors.append(input) }
    let bits = try required("precision")
    guard bits == "none" || Int(bits).map({ $0 > 0 }) == true else {
      throw fault("\(quoted(bits)) is no number of bits")
    }
    var outputs: [GoldenOutput] = []
    while let text = optional("output") { outputs.append(try output(text)) }
    guard !outputs.isEmpty else { throw fault("the case '\(name)' has no output") }
    for (kind, names) in [
      ("attribute", attributes.map(\.name)), ("tensor", tensors.map(\.name)), ("output", outputs.map(\.name)),
    ] {
      var known = Set<String>()
      if let twice = names.first(where: { !known.insert($0).inserted }) {
        throw fault("case '\(name)': the \(kind) '\(twice)' is there twice", line: start)
      }
    }
    let record = GoldenRecord(
      name: String(name), note: String(note), seed: seed, attributes: attributes, tensors: tensors,
      precision: Int(bits), outputs: outputs, line: start)
    if case .layer(let layer) = subject { try check(record, of: layer) }
    return record
  }

  /// Holds a case against its layer's signature.
  private func check(_ record: GoldenRecord, of layer: LayerKind) throws(GoldenError) {
    let signature = Catalogue.signature(of: layer)
    var input = LayerCase(layer: layer, tensors: [:])
    for attribute in record.attributes {
      guard let slot = signature.attributes.first(where: { $0.name == attribute.name }),
        let value = AttributeValue(attribute.value, like: slot.defaultValue)
      else {
        throw fault(
          "case '\(record.name)': the layer has no attribute '\(attribute.name)' of the value '\(attribute.value)'",
          line: record.line)
      }
      input.attributes[attribute.name] = value
    }
    for tensor in record.tensors { input.tensors[tensor.name] = tensor.tensor }
    let shape: [Int]
    do throws(CaseError) {
      shape = try CheckedCase(input).outputShape
    } catch {
      throw fault("case '\(record.name)': \(error.problem)", line: record.line)
    }
    guard record.outputs.map(\.name) == ["output"], record.outputs[0].shape == shape else {
      throw fault("case '\(record.name)': the layer gives one output, of shape \(shape)", line: record.line)
    }
  }

  /// The name and the shape of a tensor, and the number of its elements.
  private func header(_ text: Substring) throws(GoldenError) -> (name: String, shape: [Int], count: Int) {
    guard let space = text.firstIndex(of: " ") else { throw fault("a tensor has a name and a shape") }
    let brackets = text[text.index(after: space)...]
    guard brackets.hasPrefix("["), brackets.hasSuffix("]"), brackets.count >= 2 else {
      throw fault("\(quoted(brackets)) is no shape such as [2, 3]")
    }
    var shape: [Int] = []
    for part in brackets.dropFirst().dropLast().split(separator: ", ", omittingEmptySubsequences: false) {
      if part.isEmpty && brackets == "[]" { break }
      guard let extent = Int(part), extent >= 0 else { throw fault("\(quoted(brackets)) is no shape such as [2, 3]") }
      shape.append(extent)
    }
    var count = 1
    for extent in shape {
      let (product, overflow) = count.multipliedReportingOverflow(by: extent)
      // Every element is written, so that no sound file has as many as its text has characters.
      guard !overflow, extent <= 1 << 24 else { throw fault("\(quoted(brackets)) is beyond any file") }
      count = product
    }
    guard ReasonableShape.holds(shape) else { throw fault("\(quoted(brackets)) is empty, and too long to walk along") }
    return (String(text[..<space]), shape, count)
  }

  private mutating func input() throws(GoldenError) -> GoldenRecord.Input? {
    let isReal: Bool
    let text: Substring
    if let rest = optional("tensor") {
      (isReal, text) = (true, rest)
    } else if let rest = optional("indices") {
      (isReal, text) = (false, rest)
    } else {
      return nil
    }
    let (name, shape, count) = try header(text)
    let columns = max(shape.last ?? 1, 1)
    var reals: [Float] = []
    var integers: [Int] = []
    for _ in 0..<count / columns {
      let row = try line("a row of '\(name)'")
      let words = row.dropFirst(2).split(separator: " ", omittingEmptySubsequences: false)
      guard row.hasPrefix("  "), words.count == columns else {
        throw fault("tensor '\(name)': \(quoted(row)) is no row of \(columns)")
      }
      for word in words {
        if isReal {
          guard let real = Float(word), real.hexadecimal == word else {
            throw fault("tensor '\(name)': \(quoted(word)) is no Float32 such as 0x1.8p-3")
          }
          reals.append(real)
        } else {
          guard let integer = Int(word) else { throw fault("tensor '\(name)': \(quoted(word)) is no whole number") }
          integers.append(integer)
        }
      }
    }
    return GoldenRecord.Input(
      name: name,
      tensor: isReal
        ? .real(Activation(shape: shape, elements: reals)) : .integer(Activation(shape: shape, elements: integers)))
  }

  private mutating func output(_ text: Substring) throws(GoldenError) -> GoldenOutput {
    let (name, shape, count) = try header(text)
    var elements: [GoldenElement?] = []
    for _ in 0..<count {
      let row = try line("an element of '\(name)'")
      guard row.hasPrefix("  ") else {
        throw fault("output '\(name)': \(quoted(row)) stands where element \(elements.count) of \(count) is expected")
      }
      elements.append(row == "  none" ? nil : try element(row.dropFirst(2), of: name))
    }
    return GoldenOutput(name: name, shape: shape, elements: elements)
  }

  private func element(_ text: Substring, of name: String) throws(GoldenError) -> GoldenElement {
    let parts = text.split(separator: " | ", omittingEmptySubsequences: false)
    guard parts.count == 3 else { throw fault("output '\(name)': \(quoted(text)) is not 'ball | Float32 | bound'") }
    guard let exact = Ball(String(parts[0])) else { throw fault("output '\(name)': \(quoted(parts[0])) is no ball") }
    let isProved = !parts[1].hasSuffix("?")
    let word = parts[1].dropLast(isProved ? 0 : 1)
    guard let nearest = Float(word), nearest.hexadecimal == word else {
      throw fault("output '\(name)': \(quoted(parts[1])) is no Float32 such as 0x1.8p-3")
    }
    let candidates = [exact.lower, exact.upper].map { $0.rounded(to: Float.self, .toNearestOrEven) }
    guard isProved ? exact.nearestFloat32 == nearest : candidates.contains(nearest) else {
      throw fault("output '\(name)': the ball \(quoted(parts[0])) does not round to \(nearest.hexadecimal)")
    }
    // What is written so takes no more memory than its text; a decimal exponent may take thousands of times as much.
    guard exact.description == parts[0] else {
      throw fault("output '\(name)': \(quoted(parts[0])) is not written as a ball is, such as 0x1.8p-3 ± 0x1p-40")
    }
    let bound = Double(parts[2])
    guard parts[2] == "none" || bound.map({ $0 >= 0 && $0.hexadecimal == parts[2] }) == true else {
      throw fault("output '\(name)': \(quoted(parts[2])) is no bound such as 0x1.8p-30")
    }
    return GoldenElement(
      exact: exact, nearest: nearest, isProved: isProved, bound: parts[2] == "none" ? nil : bound)
  }
}
