import PlumbLayers
import PlumbModel
import PlumbTolerance

extension Quantize: Plantable where Context: BugContext {
  static var layer: LayerKind { .quantize }

  static var bugs: [Bug<Self>] {
    [
      mutant("zero-point-off-by-one", "1 is added to each number.") { $0.rounded = { $0.onGrid($1) + 1 } },
      mutant("cut", "Numbers are cut off in place of rounded.") { $0.rounded = { $0.onGrid($1, .towardZero) } },
      mutant("rounded-down", "Numbers are rounded down.") { $0.rounded = { $0.onGrid($1, .down) } },
      mutant("not-rounded", "Numbers are not rounded.") { $0.rounded = { row, _ in row } },
      mutant("ties-away", "Numbers halfway between two go away from 0.") {
        $0.rounded = { $0.onGrid($1, .toNearestOrAwayFromZero) }
      },
      mutant("range-of-one-more", "The greatest number is 1 more than it is, and saturates.") { $0.limit += 1 },
      mutant("saturation-forgotten", "Nothing saturates, and the greatest number is 128, 480 or 65536.") {
        $0.limit = [127: 128, 448: 480][$0.limit] ?? 65536
        $0.rounded = { $0.onGrid($1, .toNearestOrEven) }
      },
      mutant("range-of-fnuz", "The greatest number is 240, as of an E4M3 with one zero.") { $0.limit = 240 },
      mutant("range-doubled", "The scale is that of numbers without a sign.") { $0.limit = 2 * $0.limit + 1 },
      mutant("least-forgotten", "A small greatest magnitude is taken as it is.") { $0.least = 0 },
      mutant("greatest-signed", "The scale is that of the greatest element, not of the greatest magnitude.") {
        $0.greatest = { $0.map(\.maximum) }
      },
      mutant("greatest-of-row-before", "The scale is that of the row before.") { $0.greatest = { $0.ofRowBefore() } },
      mutant("greatest-of-all-rows", "One scale is that of all rows.") { $0.greatest = { $0.ofAllRows() } },
      mutant("greatest-without-tail", "The last element does not count for the scale.") {
        $0.greatest = { $0.map { $0.prefix($0.count - 1).greatestMagnitude } }
      },
      mutant("scale-in-float16", "Numbers are made with the scale as binary16 stores it.") {
        $0.ratio = { layer, row, greatest in
          row / (greatest / greatest.parameter(layer.limit)).rounded(to: .float16)
        }
      },
      mutant("reciprocal-in-bf16", "The reciprocal of the scale is kept in bfloat16.") {
        $0.ratio = { layer, row, greatest in
          row * (greatest.parameter(layer.limit) / greatest).rounded(to: .bfloat16)
        }
      },
      mutant("input-in-bf16", "The inputs are kept in bfloat16.") { $0.x = $0.kept($0.x, in: .bfloat16) },
      rowTailSkipped, vectorTailSkipped, firstRowRepeated,
    ]
  }
}

extension Row where Context: BugContext {
  /// The numbers rounded to `grid` by `rule`, beyond its greatest, too.
  fileprivate func onGrid(_ grid: NumberGrid, _ rule: FloatingPointRoundingRule) -> Self {
    rising { number in
      guard number.isFinite else { return number }
      let spacing = grid.spacing(at: number.magnitude)
      return (number / spacing).rounded(rule) * spacing
    }
  }
}

extension Array {
  /// The greatest magnitude of the row before each; of the last for the first.
  func ofRowBefore<Context: ArithmeticContext>() -> [Scalar<Context>] where Element == Row<Context> {
    let own = map(\.greatestMagnitude)
    return own.suffix(1) + own.dropLast()
  }

  /// The greatest magnitude of all rows, for each.
  func ofAllRows<Context: ArithmeticContext>() -> [Scalar<Context>] where Element == Row<Context> {
    guard let context = first?.context else { return [] }
    let numbers: [Context.Number] = flatMap { Array<Context.Number>($0.numbers) }
    let greatest = context.row(numbers).greatestMagnitude
    return map { _ in greatest }
  }
}
