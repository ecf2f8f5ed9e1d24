import PlumbFormats
import PlumbModel
import PlumbVerdicts

/// The gradients that somebody's engine computed of a loss: the tensors of a dump whose names end in `.grad`, or are those of weights.
///
/// The loss is the mean cross-entropy of every token but the first, each predicted from those before it, so that the last token has no
/// part in it: its row of each gradient is 0, and is left out.
struct GradientDump: Sendable {
  /// The steps backwards.
  private(set) var plan: BackwardPlan
  /// The tokens that the loss is computed from, and those that follow them.
  let tokens: [Int]
  let targets: [Int]
  /// The gradients, each of an activation's tokens but the last, or of a tensor of weights as the plan reads it.
  private(set) var tensors: [GradientName: DumpedTensor] = [:]
  /// The activations that a pass has of the last token alone, at every token but the last, where the dump has them.
  private(set) var ends: [ActivationName: DumpedTensor] = [:]
  /// The names of gradients of what is no activation here, or one that is within a layer of the backward pass.
  private(set) var strange: [String] = []
  private let file: String
  private let transformer: Transformer

  /// Reads the gradients among `entries` of the dump of a pass of `transformer` over `text`, and drops them from `entries`; `nil` where
  /// there is none.
  ///
  /// The `notes` say so where the model has no backward pass here.
  ///
  /// - Throws: `GradeError` where that leaves nothing to grade, a gradient fits not, or is not 0 at the last token.
  init?(
    _ entries: inout [SafeTensors.Entry], file: String, _ table: NameTable, _ transformer: Transformer, text: [Int],
    notes: inout [String]
  ) throws(GradeError) {
    let (all, weights) = (entries, Set(transformer.tensors.compactMap { $0.place?.name }))
    func isGradient(_ entry: SafeTensors.Entry) -> Bool {
      entry.name.hasSuffix(Self.suffix) || weights.contains(entry.name)
    }
    let gradients = all.filter(isGradient)
    guard let first = gradients.first else { return nil }
    entries.removeAll(where: isGradient)
    do throws(BackwardRefusal) { plan = try BackwardPlan(transformer) } catch {
      let reason = "gradients, such as '\(first.name)', which cannot be graded: \(error)"
      guard !entries.isEmpty else { throw GradeError("\(file): has \(reason)") }
      notes.append("The dump has \(reason).")
      return nil
    }
    guard text.count > 1 else {
      throw GradeError("\(file): has gradients of the loss of one token, which predicts none")
    }
    (self.file, self.transformer, tokens, targets) = (file, transformer, text.dropLast(), Array(text.dropFirst()))
    do throws(CaseFileError) {
      try takeEnds(all, table)
      for entry in gradients { try take(DumpEntry(entry, file: file), table, text.count) }
    } catch {
      throw GradeError("\(error)")
    }
  }

  /// The same, of an engine whose gradients at the limit of a clamp itself are 0.
  var zeroAtLimit: GradientDump {
    var result = self
    result.plan = plan.zeroAtLimit
    return result
  }

  private static let suffix = ".grad"

  /// The name of what a tensor called `name` is the gradient of, or `name` itself.
  static func name(_ name: String) -> String { name.hasSuffix(suffix) ? String(name.dropLast(suffix.count)) : name }

  /// Takes the activations that a pass has of the last token alone, where the dump has them of all.
  private mutating func takeEnds(_ entries: [SafeTensors.Entry], _ table: NameTable) throws(CaseFileError) {
    for entry in entries {
      guard let name = table.activation(entry.name, in: transformer), transformer.plan.isOfLastToken(name) else {
        continue
      }
      let dumped = try DumpEntry(entry, file: file)
      guard let rows = dumped.rows(tokens.count + 1, transformer.plan.shape(of: name, tokens: 1)[1]) else { continue }
      ends[name] = DumpedTensor(rows, try cut(rows, to: [tokens.count, rows.activation.columns], isGradient: false))
    }
  }

  private mutating func take(_ entry: DumpEntry, _ table: NameTable, _ count: Int) throws(CaseFileError) {
    let name = Self.name(entry.name)
    let names = Self.spellings(of: name)
    let parts = plan.weights.filter { $0.place.map { names.contains($0.name) } ?? false }
    if !parts.isEmpty {
      for tensor in parts { try take(entry, weight: tensor) }
      return
    }
    if let parts = try Self.ofExperts(entry, name, in: transformer, file: file) {
      for (weight, gradient) in parts { try put(entry, GradientName(.weight(weight.name)), gradient) }
      return
    }
    guard let activation = table.activation(name, in: transformer), !isTwice(activation),
      let gradient = plan.gradient(of: activation)
    else {
      strange.append(entry.name)
      return
    }
    let fitted = try fitted(entry, activation, count)
    try put(entry, gradient, cut(fitted, to: [count - 1] + fitted.activation.shape.dropFirst(), isGradient: true))
  }

  /// Whether the pass computes `activation` twice, as a norm that two branches read: its gradient is the sum of both.
  private func isTwice(_ activation: ActivationName) -> Bool {
    guard let step = transformer.plan[activation], let tensor = step.operation.tensors.first else { return false }
    return transformer.plan.steps.contains {
      $0.name != activation && $0.inputs == step.inputs && $0.operation.tensors.first?.name == tensor.name
    }
  }

  /// The gradient `entry` of `activation`, in the shape that the pass has it in for `count` tokens.
  private func fitted(
    _ entry: DumpEntry, _ activation: ActivationName, _ count: Int
  ) throws(CaseFileError) -> DumpEntry {
    guard transformer.plan.isOfLastToken(activation) else {
      do throws(GradeError) {
        return entry.with(
          try DumpLayout.fitted(entry.activation, activation, transformer, tokens: count, called: entry.name))
      } catch { throw CaseFileError(file, error.problem) }
    }
    let shape = transformer.plan.shape(ofEveryTokenIn: activation, tokens: count)
    guard let rows = entry.rows(count, shape[1]) else {
      throw CaseFileError(
        file,
        "'\(entry.name)' \(entry.activation.shape) cannot be the gradient of '\(activation)' of all tokens, \(shape)")
    }
    return rows
  }

  /// Takes the part of `entry` that `tensor` is in what is stored.
  private mutating func take(_ entry: DumpEntry, weight tensor: Tensor) throws(CaseFileError) {
    guard let place = tensor.place else { return }
    guard entry.activation.shape == place.shape else {
      throw CaseFileError(
        file, "'\(entry.name)' \(entry.activation.shape) cannot be the gradient of '\(place.name)' \(place.shape)")
    }
    let width = tensor.shape.dropFirst().reduce(1, *)
    let elements = (0..<tensor.count).map {
      entry.activation.elements[place.index(row: $0 / width, column: $0 % width)]
    }
    try put(entry, GradientName(.weight(tensor.name)), Activation(shape: tensor.shape, elements: elements))
  }

  private mutating func put(
    _ entry: DumpEntry, _ name: GradientName, _ activation: Activation<Float>
  ) throws(CaseFileError) {
    if let other = tensors[name] {
      guard zip(other.activation.elements, activation.elements).allSatisfy({ $0 == $1 || $0.isNaN && $1.isNaN }) else {
        throw CaseFileError(file, "'\(other.tensor)' and '\(entry.name)' are both '\(name)', and differ; leave one out")
      }
      return
    }
    tensors[name] = DumpedTensor(entry, activation)
  }

  /// The tokens but the last of `entry`, whose last row must be 0 where it `isGradient`.
  private func cut(
    _ entry: DumpEntry, to shape: [Int], isGradient: Bool
  ) throws(CaseFileError) -> Activation<Float> {
    let count = shape.reduce(1, *)
    if isGradient, let index = entry.activation.elements[count...].firstIndex(where: { $0 != 0 }) {
      throw CaseFileError(
        file,
        "'\(entry.name)' is \(entry.activation.elements[index]) at the last token, which nothing follows: the loss must be the mean "
          + "cross-entropy of the tokens behind the first, and the dump one of the same tokens")
    }
    return Activation(shape: shape, elements: Array(entry.activation.elements[..<count]))
  }
}

extension DumpEntry {
  /// The same tensor as `rows` of `columns`; `nil` where it has other extents.
  fileprivate func rows(_ rows: Int, _ columns: Int) -> DumpEntry? {
    let shape = Array(activation.shape.drop { $0 == 1 })
    guard activation.elements.count == rows * columns, shape.last == columns || columns == 1 else { return nil }
    return with(activation.reshaped([rows, columns]))
  }
}

extension DumpedTensor {
  /// The tensor of `entry` with the elements of `activation`.
  fileprivate init(_ entry: DumpEntry, _ activation: Activation<Float>) {
    self.init(tensor: entry.name, storage: entry.storage, activation: activation, isRounded: entry.isRounded)
  }
}

extension Plan {
  /// Whether a pass computes the activation `name` of the last token alone.
  func isOfLastToken(_ name: ActivationName) -> Bool { self[name]?.outputs[0].extents.first == .last }

  /// The shape of the activation `name` in a pass that computes it of every token.
  func shape(ofEveryTokenIn name: ActivationName, tokens: Int) -> [Int] {
    let shape = shape(of: name, tokens: tokens)
    return isOfLastToken(name) ? [tokens] + shape.dropFirst() : shape
  }
}
