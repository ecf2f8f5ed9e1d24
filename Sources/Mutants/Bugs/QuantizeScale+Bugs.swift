import PlumbLayers
import PlumbModel
import PlumbTolerance

extension QuantizeScale: Plantable where Context: BugContext {
  static var layer: LayerKind { .quantizeScale }

  static var bugs: [Bug<Self>] {
    [
      mutant("range-of-one-more", "The greatest number is 1 more than it is.") { $0.limit += 1 },
      mutant("range-of-half-more", "The greatest number is ½ more, as half of 255.") { $0.limit += 0.5 },
      mutant("range-doubled", "The scale is that of numbers without a sign.") { $0.limit = 2 * $0.limit + 1 },
      mutant("least-forgotten", "A small greatest magnitude is taken as it is.") { $0.least = 0 },
      mutant("reciprocal-given", "The reciprocal of the scale is given.") { $0.scale = { $1 / $0 } },
      mutant("greatest-signed", "The scale is that of the greatest element, not of the greatest magnitude.") {
        $0.greatest = { $0.map(\.maximum) }
      },
      mutant("greatest-of-row-before", "The scale is that of the row before.") { $0.greatest = { $0.ofRowBefore() } },
      mutant("greatest-of-all-rows", "One scale is that of all rows.") { $0.greatest = { $0.ofAllRows() } },
      mutant("greatest-without-tail", "The last element does not count for the scale.") {
        $0.greatest = { $0.map { $0.prefix($0.count - 1).greatestMagnitude } }
      },
      mutant("not-stored", "The scale is not stored in binary16.") {
        $0.kept = { scale, _ in scale.each(scale.context.result) }
      },
      mutant("stored-in-float16", "Every scale is stored in binary16.") {
        $0.kept = { scale, _ in scale.onGrid(.float16) }
      },
      mutant("stored-in-bf16", "The scale is stored in bfloat16.") {
        $0.kept = { scale, _ in scale.rounded(to: .bfloat16) }
      },
      mutant("cut-in-float16", "The scale is cut off where it is stored in binary16.") {
        $0.kept = { scale, grid in
          grid == nil
            ? scale.each(scale.context.result) : scale.rising { FloatFormat.float16.rounded($0, .towardZero) }
        }
      },
      mutant("epsilon-added", "10⁻⁵ is added to the greatest magnitude.") { $0.scale = { ($0 + 1e-5) / $1 } },
      vectorTailSkipped,
    ]
  }
}
