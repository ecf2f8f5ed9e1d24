import PlumbModel

/// A change of outputs that were right, whatever the layer: parts left 0, axes exchanged, a factor, rows moved.
///
/// The undoing of it gives an output that is judged; an element that was lost is taken from an output that is right.
struct OutputEdit: Sendable {
  /// The name, as a mutant's.
  let name: String
  /// The bug, in one sentence.
  let sentence: String
  /// The output before it, given one of the same shape that is right; `nil` where it was not done to this output.
  let undone: @Sendable (_ output: Activation<Float>, _ right: Activation<Float>) -> Activation<Float>?

  /// The places that may hold anything after it, as memory that nobody wrote; `nil` where it says what stands everywhere.
  ///
  /// A case with such a place must fail, and one that fails must have others, too.
  var spoils: Places?

  typealias Places = @Sendable (_ place: Int, _ output: Activation<Float>) -> Bool

  /// Families of edits of which only the first that explains all is named: a vector of 32 is one of 16, too, where nothing is longer.
  static func families(rank: Int) -> [[OutputEdit]] {
    let parts = sizes.map(rowTail) + sizes.map(tail) + sizes.map(rowsBeyond)
    return [[nothingWritten] + parts.map(\.left) + parts.map(\.wrong)]
      + (exchanges(rank) + factors + [-1, 1].map(rowsMoved)).map { [$0] }
  }

  private static let sizes = (1...10).map { 1 << $0 }

  /// A part of an output that a kernel may leave out.
  private struct Part: Sendable {
    let name: String
    /// The subject of a sentence.
    let words: String
    let holds: Places

    /// The edit that leaves its elements 0.
    var left: OutputEdit {
      OutputEdit(name: "\(name)-skipped", sentence: "\(words) are left 0.") { output, right in
        output.elements.indices.contains { holds($0, output) && output.elements[$0] != 0 } ? nil : filled(output, right)
      }
    }

    /// The edit after which they are anything.
    var wrong: OutputEdit {
      OutputEdit(
        name: "\(name)-wrong", sentence: "\(words) are wrong, and no others.", undone: filled, spoils: holds)
    }

    /// `output` with its elements from `right`.
    private func filled(_ output: Activation<Float>, _ right: Activation<Float>) -> Activation<Float> {
      var result = output
      for place in output.elements.indices where holds(place, output) { result.elements[place] = right.elements[place] }
      return result
    }
  }

  private static let nothingWritten = OutputEdit(
    name: "nothing-written", sentence: "Every result is 0, as if nothing were written."
  ) { output, right in output.elements.allSatisfy { $0 == 0 } ? right : nil }

  private static func rowTail(_ size: Int) -> Part {
    Part(name: "row-tail-of-\(size)", words: "Elements of a row that do not fill a vector of \(size)") {
      $0 % $1.columns >= $1.columns / size * size
    }
  }

  private static func tail(_ size: Int) -> Part {
    Part(name: "tail-of-\(size)", words: "Elements of the output that do not fill a vector of \(size)") {
      $0 >= $1.elements.count / size * size
    }
  }

  private static func rowsBeyond(_ size: Int) -> Part {
    Part(name: "rows-of-\(size)", words: "Rows that do not fill a block of \(size)") {
      $0 / $1.columns >= $1.rows / size * size
    }
  }

  /// Each pair of axes exchanged.
  private static func exchanges(_ rank: Int) -> [OutputEdit] {
    (0..<rank).flatMap { first in
      (first..<rank).dropFirst().map { second in
        OutputEdit(
          name: "axes-\(first)-and-\(second)-exchanged",
          sentence: "Axes \(first) and \(second) of the output are exchanged in memory."
        ) { output, _ in
          var shape = output.shape
          shape.swapAt(first, second)
          return Activation(shape: shape, elements: output.elements).exchanging(first, second)
        }
      }
    }
  }

  /// Factors that round nothing, but what is subnormal.
  private static let factors: [OutputEdit] = [
    (-1, "negated", "Every result has the other sign."), (2, "doubled", "Every result is twice what it should be."),
    (0.5, "halved", "Every result is half of what it should be."),
  ].map { (factor: Float, name: String, sentence: String) in
    OutputEdit(name: "result-\(name)", sentence: sentence) { output, right in
      // A result that the factor takes beyond the greatest number is lost.
      let undone = zip(output.elements, right.elements).map {
        $0.isInfinite && ($1 * factor).isInfinite ? $1 : $0 / factor
      }
      return Activation(shape: output.shape, elements: undone)
    }
  }

  private static func rowsMoved(by step: Int) -> OutputEdit {
    OutputEdit(
      name: step > 0 ? "rows-one-late" : "rows-one-early",
      sentence: "Each row's result stands in the row \(step > 0 ? "after" : "before") it."
    ) { output, right in
      var undone = right
      for row in 0..<output.rows where 0..<output.rows ~= row + step {
        for column in 0..<output.columns {
          undone.elements[row * output.columns + column] = output.elements[(row + step) * output.columns + column]
        }
      }
      return undone
    }
  }
}

extension Activation {
  /// The elements with two axes exchanged.
  fileprivate func exchanging(_ first: Int, _ second: Int) -> Activation {
    var (exchanged, strides) = (shape, shape.indices.map { shape[($0 + 1)...].reduce(1, *) })
    exchanged.swapAt(first, second)
    strides.swapAt(first, second)
    let places = exchanged.indices.map { exchanged[($0 + 1)...].reduce(1, *) }
    let turned = elements.indices.map { place in
      elements[exchanged.indices.reduce(0) { $0 + place / places[$1] % exchanged[$1] * strides[$1] }]
    }
    return Activation(shape: exchanged, elements: turned)
  }
}
