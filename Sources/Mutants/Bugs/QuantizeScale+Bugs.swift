import PlumbLayers
import PlumbModel
import PlumbTolerance

extension QuantizeScale: Plantable where Context: BugContext {
  static var layer: LayerKind { .quantizeScale }

  static var bugs: [Bug<Self>] {
    bugsOfScale + [
      mutant("range-of-half-more", "The greatest number is ½ more, as half of 255.") { $0.rows.limit += 0.5 },
      mutant("reciprocal-given", "The reciprocal of the scale is given.") { $0.scale = { $1 / $0 } },
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
          grid == .float16
            ? scale.rising { FloatFormat.float16.rounded($0, .towardZero) } : scale.each(scale.context.result)
        }
      },
      mutant("epsilon-added", "10⁻⁵ is added to the greatest magnitude.") { $0.scale = { ($0 + 1e-5) / $1 } },
      vectorTailSkipped,
    ]
  }
}
