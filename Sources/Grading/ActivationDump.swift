import PlumbEngine
import PlumbFormats
import PlumbModel
import PlumbTolerance
import PlumbVerdicts

/// The activations that somebody's engine computed, by name, read from a safetensors file.
package struct ActivationDump: Sendable {
  /// The file, as the caller named it.
  package let file: String
  /// The table that the names were read by.
  package var names: String { table.label }
  let table: NameTable
  /// The facts that people should know about the reading, one sentence each.
  package internal(set) var notes: [String] = []
  /// The tensors that were put in the model's order, and what each looked like before.
  var repairs: [(tensor: String, likeness: String)] = []
  /// The tokens of the pass.
  let tokens: [Int]
  /// The activations.
  private(set) var tensors: [ActivationName: DumpedTensor] = [:]
  /// The gradients; `nil` where there are none.
  private(set) var gradients: GradientDump?

  /// Reads `file`, which `path` names in messages, as a dump of a pass of `model` over `tokens`.
  ///
  /// Without `names`, the table that most names fit is taken.
  /// - Throws: `GradeError` when nothing in the file fits the model, or two tensors are the same activation.
  package init(
    _ file: SafeTensors, path: String, model: LoadedModel, tokens: [Int], names: NameTable? = nil
  ) throws(GradeError) {
    self.file = path
    self.tokens = tokens
    guard !file.entries.isEmpty else { throw GradeError("\(path): holds no tensors; dump at least one activation") }
    let table = names ?? Self.likeliestTable(file)
    self.table = table
    var (entries, strange) = (file.entries, [String]())
    gradients = try GradientDump(&entries, file: path, table, model.transformer, text: tokens, notes: &notes)
    for entry in entries {
      do throws(CaseFileError) {
        guard let parts = try Self.parts(entry, table, model.transformer, path) else {
          strange.append(entry.name)
          continue
        }
        for (part, name) in parts { try take(part, name, model.transformer) }
      } catch {
        throw GradeError("\(error)")
      }
    }
    try explain(strange, table)
    try refuseOtherTokens(model.transformer)
  }

  /// A dump of the engine's own pass, for comparison.
  init(tokens: [Int], tensors: [ActivationName: DumpedTensor]) {
    file = "-"
    table = .plumb
    self.tokens = tokens
    self.tensors = tensors
  }

  /// The format that most elements are stored in.
  package var storage: FloatFormat {
    var counts: [FloatFormat: Int] = [:]
    for tensor in tensors.values { counts[tensor.storage, default: 0] += tensor.activation.elements.count }
    return counts.max { ($0.value, $1.key.name) < ($1.value, $0.key.name) }?.key ?? .float32
  }

  /// The activation that people call `text`: by Plumbline's name, or by the tensor's own.
  ///
  /// - Throws: `GradeError` where the dump has no such activation; it names the nearest.
  package func activation(called text: String) throws(GradeError) -> ActivationName {
    if let name = NameTable.plumb.activation(text), tensors[name] != nil { return name }
    if let name = tensors.first(where: { $0.value.tensor == text })?.key { return name }
    let known = tensors.keys.map(\.description) + tensors.values.map(\.tensor)
    let nearest = Set(known).map { name in
      // What is near may be the last word alone.
      (name, min(NameTable.distance(text, name), NameTable.distance(text, "\(name.split(separator: ".").last ?? "")")))
    }.sorted { ($0.1, $0.0) < ($1.1, $1.0) }
    let shown = text.unicodeScalars.allSatisfy { $0.value >= 32 } ? text.prefix(80) : "?"
    throw GradeError(
      "\(file): has no activation '\(shown)'; the nearest are '"
        + nearest.prefix(3).map(\.0).joined(separator: "', '") + "'")
  }

  /// Notes on the reading and on what was put right, one sentence or two each.
  var allNotes: [String] {
    var groups: [String: [String]] = [:]
    for repair in repairs { groups[repair.likeness, default: []].append(repair.tensor) }
    // In the order in which they were met.
    let firsts = repairs.filter { groups[$0.likeness]?.first == $0.tensor }
    return notes
      + firsts.map { first in
        let more = (groups[first.likeness]?.count ?? 1) - 1
        return "'\(first.tensor)' looks \(first.likeness); "
          + (more == 0
            ? "it was graded with its elements put in the model's order."
            : "so do \(more) more. They were graded with their elements put in the model's order.")
      }
  }

  /// Replaces the numbers of `name`.
  mutating func replace(_ name: ActivationName, by activation: Activation<Float>) {
    tensors[name]?.activation = activation
  }

  private static func likeliestTable(_ file: SafeTensors) -> NameTable {
    let counted = NameTable.all.map { table in
      (table.table, file.entries.count { table.table.knows(GradientDump.name($0.name)) })
    }
    return counted.max { $0.1 < $1.1 }?.0 ?? .plumb
  }

  /// The activations that `entry` is: one, or those that are stacked in it; `nil` where it is none.
  private static func parts(
    _ entry: SafeTensors.Entry, _ table: NameTable, _ transformer: Transformer, _ path: String
  ) throws(CaseFileError) -> [(DumpEntry, ActivationName)]? {
    if let name = table.activation(entry.name, in: transformer) { return [(try DumpEntry(entry, file: path), name)] }
    guard let names = table.stack(entry.name, in: transformer) else { return nil }
    return try DumpEntry(entry, file: path).unstacked(names.count).map { Array(zip($0, names)) }
  }

  private mutating func take(
    _ entry: DumpEntry, _ name: ActivationName, _ transformer: Transformer
  ) throws(CaseFileError) {
    let fitted: Activation<Float>
    do throws(GradeError) {
      fitted = try DumpLayout.fitted(entry.activation, name, transformer, tokens: tokens.count, called: entry.name)
    } catch {
      throw CaseFileError(file, error.problem)
    }
    if let other = tensors[name] {
      // Two modules may give one and the same tensor.
      guard zip(other.activation.elements, fitted.elements).allSatisfy({ $0.bitPattern == $1.bitPattern }) else {
        throw CaseFileError(file, "'\(other.tensor)' and '\(entry.name)' are both '\(name)', and differ; leave one out")
      }
      return
    }
    tensors[name] = DumpedTensor(
      tensor: entry.name, storage: entry.storage, activation: fitted, isRounded: entry.isRounded)
  }

  private mutating func explain(_ strange: [String], _ table: NameTable) throws(GradeError) {
    let rounded = tensors.values.count(where: \.isRounded)
    if rounded > 0 {
      notes.append(
        "\(rounded) of \(strange.count + tensors.count) tensors are in Float64: they are graded by what Float32 may do, "
          + "and rounded to it, for which their bounds allow.")
    }
    func shown(_ name: String) -> String {
      name.unicodeScalars.allSatisfy { $0.value >= 32 } ? "\(name.prefix(80))" : "?"
    }
    func nearest(to name: String) -> String { "'\(table.nearest(to: name).joined(separator: "', '"))'" }
    let foreign = gradients?.strange ?? []
    if gradients?.tensors.isEmpty == true { gradients = nil }
    if tensors.isEmpty, gradients == nil, let first = strange.min() ?? foreign.min() {
      throw GradeError(
        "\(file): '\(shown(first))' is no name of the table '\(table.label)', nor is any other; the nearest are "
          + "\(nearest(to: first)); give --names hf, llama.cpp, plumb or a JSON file")
    }
    if let first = foreign.min() {
      notes.append("\(foreign.count) gradients are of nothing that has one here, such as '\(shown(first))'.")
    }
    if let first = strange.min() {
      notes.append(
        "\(strange.count) of \(strange.count + tensors.count) tensors are no activation here, such as '\(shown(first))' (nearest: "
          + "\(nearest(to: first))).")
    }
  }

  /// An embedding whose rows are those of other tokens belongs to another prompt.
  private func refuseOtherTokens(_ transformer: Transformer) throws(GradeError) {
    guard let dumped = tensors[ActivationName(.embedding)] else { return }
    let expected = Engine.embedding(tokens, transformer.stem.tokens)
    // Even two bits of a significand tell rows of different tokens apart; a scaled table is no other token.
    func isNear(_ a: ArraySlice<Float>, _ b: ArraySlice<Float>) -> Bool {
      zip(a, b).allSatisfy { ($0 - $1).magnitude <= 0.0625 * max($0.magnitude, $1.magnitude) }
    }
    let wrong = tokens.indices.filter { !isNear(dumped.activation.row($0), expected.row($0)) }
    guard let first = wrong.first else { return }
    let all = Engine.embedding(Array(0..<transformer.vocabularySize), transformer.stem.tokens)
    var found: [Int] = []
    for token in tokens.indices {
      guard let other = (0..<all.rows).first(where: { isNear(all.row($0), dumped.activation.row(token)) }) else {
        return
      }
      found.append(other)
    }
    // Rows one token late, or each of the next number, are a bug of the embedding and no other prompt.
    let isShifted = found == tokens.prefix(1) + tokens.dropLast() || found == tokens.map { $0 + 1 }
    if isShifted { return }
    throw GradeError(
      "\(file): '\(dumped.tensor)' has at token \(first) the row of token number \(found[first]), not \(tokens[first]); the "
        + "dump looks like one of the tokens \(found.prefix(16).map(String.init).joined(separator: ","))"
        + (found.count > 16 ? ",…" : ""))
  }
}

extension ActivationDump {
  /// The arithmetic that the dump's storage speaks of: its tensors' format, computed in Float32.
  package var arithmetic: ArithmeticModel {
    switch storage {
    case .bfloat16: .bf16
    case .float16: .f16
    default: .f32
    }
  }
}
