import PlumbLayers
import PlumbModel
import PlumbTolerance

extension Quantize: Plantable where Context: BugContext {
  static var layer: LayerKind { .quantize }

  static var bugs: [Bug<Self>] {
    bugsOfScale + [
      mutant("zero-point-off-by-one", "1 is added to each number.") { $0.rounded = { $0.onGrid($1) + 1 } },
      mutant("cut", "Numbers are cut off in place of rounded.") { $0.rounded = { $0.onGrid($1, .towardZero) } },
      mutant("rounded-down", "Numbers are rounded down.") { $0.rounded = { $0.onGrid($1, .down) } },
      mutant("not-rounded", "Numbers are not rounded.") { $0.rounded = { row, _ in row } },
      mutant("ties-away", "Numbers halfway between two go away from 0.") {
        $0.rounded = { $0.onGrid($1, .toNearestOrAwayFromZero) }
      },
      mutant("saturation-forgotten", "Nothing saturates, and the greatest number is 128, 480, 65536 or 8.") {
        $0.rows.limit = [127: 128, 448: 480, 6: 8][$0.rows.limit] ?? 65536
        $0.rounded = { $0.onGrid($1, .toNearestOrEven) }
      },
      mutant("range-of-fnuz", "The greatest number is 240, as of an E4M3 with one zero.") { $0.rows.limit = 240 },
      mutant("scale-in-float16", "Numbers are made with the scale as binary16 stores it.") {
        $0.ratio = { rows, row, greatest in
          row / (greatest / greatest.parameter(rows.limit)).rounded(to: .float16)
        }
      },
      mutant("reciprocal-in-bf16", "The reciprocal of the scale is kept in bfloat16.") {
        $0.ratio = { rows, row, greatest in
          row * (greatest.parameter(rows.limit) / greatest).rounded(to: .bfloat16)
        }
      },
      mutant("input-in-bf16", "The inputs are kept in bfloat16.") {
        $0.rows.x = $0.kept($0.rows.x, in: .bfloat16)
      },
      mutant("scale-not-rounded", "Numbers are made with the scale before it is rounded to a grid.") {
        $0.rows.rule = nil
      },
      mutant("numbers-without-global", "Numbers are made without the scale of the tensor.") {
        if $0.rows.global != nil { $0.rows.global = 1 }
      },
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
