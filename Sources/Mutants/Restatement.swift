import PlumbModel
import PlumbTolerance
import PlumbVerdicts

/// A bug said in other words: what a layer without a bug gives on another case.
///
/// A wrong epsilon is a right normalisation with that epsilon, pairs of the wrong kind are a right rotation of the other
/// kind. The catalogue knows the exact result and a proved bound of such a case, so that "this bug explains the dump" is
/// decided as any verdict is. A parameter that the bug computes is the Float32 that an engine would hold.
typealias Restatement = @Sendable (_ input: CheckedCase) -> LayerCase?

/// A bug that may be said in other words.
protocol Restatable: Sendable {
  /// The bug in other words, where there are some.
  var restatement: Restatement? { get set }
}

extension Restatable {
  /// The same bug, which can be restated.
  func restated(_ restatement: @escaping Restatement) -> Self {
    var bug = self
    bug.restatement = restatement
    return bug
  }

  /// The same, where the bug does to a tensor of the case what `change` does.
  func restated(
    changing name: String, _ change: @escaping @Sendable (Activation<Float>, CheckedCase) -> Activation<Float>?
  ) -> Self {
    restated { input in
      guard let tensor = input.optionalReal(name), let changed = change(tensor, input) else { return nil }
      return input.source.replacing(name, changed)
    }
  }

  /// The same, where the bug keeps a tensor of the case in `format`.
  ///
  /// The case is not finite where the format does not reach, and nothing is then claimed of it.
  func restated(keeping name: String, in format: FloatFormat) -> Self {
    restated(changing: name) { tensor, _ in tensor.kept(in: format) }
  }

  /// The same, where the bug makes a window `step` positions longer, as long as there is one before and after.
  func restatedWindow(by step: Int) -> Self {
    restated { input in
      let window = input.integer("window")
      return window > 0 && window + step > 0 ? input.source.setting("window", .integer(window + step)) : nil
    }
  }
}

extension Mutant {
  /// The bug restated of `input`; `nil` where it cannot be.
  package func restated(_ input: CheckedCase) -> CheckedCase? {
    restatement?(input).flatMap { try? CheckedCase($0) }
  }

  /// The bug `both` in other words, which has that of `a` and that of `b`, where each of these has some.
  ///
  /// Both are there in a case in which each has changed what it changes, as long as that is not the same, and it does not
  /// matter which is first. The layer may still have the later bug alone, where both set one of its properties: so it
  /// must be within what the case allows, and then both words say the same of this input.
  static func restatement(of both: Mutant, _ a: Mutant, _ b: Mutant) -> Restatement? {
    guard a.restatement != nil, b.restatement != nil else { return nil }
    return { input in
      guard let first = a.restated(input), let second = b.restated(input),
        first.source.changes(from: input.source).isDisjoint(with: second.source.changes(from: input.source)),
        let result = b.restated(first), result.source == a.restated(second)?.source
      else { return nil }
      let output = both.output(input)
      guard result.outputShape == output.shape,
        let drift = try? Catalogue.judge(result, output: output, in: .f32), drift.verdict == .within
      else { return nil }
      return result.source
    }
  }
}

extension Int {
  /// The root where it is a power of two, so that a scale is divided by it without rounding.
  var powerOfTwoRoot: Float? {
    let root = Float(self).squareRoot()
    return root.significandWidth == 0 && Int(exactly: root * root) == self ? root : nil
  }
}

extension LayerCase {
  /// The names of the attributes and tensors that are others than in `other`; "layer", where that is another.
  package func changes(from other: LayerCase) -> Set<String> {
    var names = Set(layer == other.layer ? [] : ["layer"])
    for name in Set(attributes.keys).union(other.attributes.keys) where attributes[name] != other.attributes[name] {
      names.insert(name)
    }
    for name in Set(tensors.keys).union(other.tensors.keys) where tensors[name] != other.tensors[name] {
      names.insert(name)
    }
    return names
  }

  /// The case with another value of the attribute `name`.
  package func setting(_ name: String, _ value: AttributeValue) -> LayerCase {
    var result = self
    result.attributes[name] = value
    return result
  }

  /// The case with other tokens.
  func reading(_ tokens: [Int]) -> LayerCase {
    var result = self
    result.tensors["tokens"] = .integer(Activation(shape: [tokens.count], elements: tokens))
    return result
  }

  /// The case with another tensor `name`.
  package func replacing(_ name: String, _ tensor: Activation<Float>) -> LayerCase {
    var result = self
    result.tensors[name] = .real(tensor)
    return result
  }
}

extension Activation {
  /// The tensor `[positions, heads, headSize]` in which the newest of `positions` is a copy of the one before it.
  func withStale(newest position: Int) -> Activation? {
    let row = shape[1] * columns
    guard position > 0, (position + 1) * row <= elements.count else { return nil }
    var result = self
    for index in 0..<row { result.elements[position * row + index] = elements[(position - 1) * row + index] }
    return result
  }
}

extension Activation<Float> {
  /// The tensor with each number rounded to `format`.
  package func kept(in format: FloatFormat) -> Activation<Float> { map { Float(format.rounded(Double($0))) } }

  /// The tensor with 0 in the columns that are not in `kept`: in a sum of products their terms are then left out.
  package func keeping(columns kept: Range<Int>) -> Activation<Float> {
    var result = self
    for index in elements.indices where !kept.contains(index % Swift.max(columns, 1)) { result.elements[index] = 0 }
    return result
  }

  /// The tensor `[heads, tokens, positions]` with 0 where `isHidden` says so.
  func hiding(_ isHidden: (_ token: Int, _ position: Int) -> Bool) -> Activation<Float> {
    var result = self
    for index in elements.indices where isHidden(index / columns % shape[1], index % columns) {
      result.elements[index] = 0
    }
    return result
  }

  /// The tensor whose numbers are those of this one, read as if they stood transposed.
  var readTransposed: Activation<Float> {
    let read = elements.indices.map { elements[$0 % columns * rows + $0 / columns] }
    return Activation(shape: shape, elements: read)
  }

  /// The tensor `[positions, keys, headSize]` with a head for each of `heads`, that which `chosen` gives it.
  func spread(over heads: Int, _ chosen: (_ head: Int, _ heads: Int, _ keys: Int) -> Int) -> Activation<Float> {
    let (positions, keys, size) = (shape[0], shape[1], shape[2])
    let spread = (0..<positions).flatMap { position in
      (0..<heads).flatMap { head in
        let start = (position * keys + chosen(head, heads, keys)) * size
        return elements[start..<start + size]
      }
    }
    return Activation(shape: [positions, heads, size], elements: spread)
  }
}
