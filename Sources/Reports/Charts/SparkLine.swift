import Foundation

/// Positive numbers as a line of bars of eight heights, on a logarithmic scale from the least to the greatest.
struct SparkLine {
  /// One bar: the greatest of the numbers `range`, of which there are several where there are more than columns.
  struct Bar: Equatable {
    let character: Character
    let range: Range<Int>
  }

  /// The bars, from left to right.
  let bars: [Bar]
  /// The least positive finite number, and the greatest; `nil` where there is none.
  let scale: ClosedRange<Double>?

  private static let heights: [Character] = ["▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"]

  /// The bars of `values` in at most `columns` columns.
  ///
  /// *Edge cases*: 0 is a dot, which stands below every scale; what is infinite is an exclamation mark. The bars are half
  /// as high as can be where all are equal.
  init(_ values: [Double], columns: Int) {
    let finite = values.filter { $0 > 0 && $0.isFinite }
    let scale = finite.min().flatMap { least in finite.max().map { least...$0 } }
    let count = min(values.count, columns)
    bars = (0..<count).map { column in
      let range = column * values.count / count..<(column + 1) * values.count / count
      return Bar(character: Self.character(values[range].max() ?? 0, scale), range: range)
    }
    self.scale = scale
  }

  private static func character(_ value: Double, _ scale: ClosedRange<Double>?) -> Character {
    if value == 0 { return "·" }
    guard value.isFinite, let scale else { return "!" }
    // Differences of logarithms, as quotients may overflow.
    let span = log2(scale.upperBound) - log2(scale.lowerBound)
    guard span > 0 else { return heights[3] }
    return heights[min(7, max(0, Int((log2(value) - log2(scale.lowerBound)) / span * 8)))]
  }
}
