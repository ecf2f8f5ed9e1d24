import PlumbLayers
import PlumbModel
import PlumbVerdicts

extension Clamp: Plantable where Context: BugContext {
  static var layer: LayerKind { .clamp }

  static var bugs: [Bug<Self>] {
    [
      mutant("clamp-forgotten", "Nothing is clamped.") { $0.clamped = { x, _ in x } },
      mutant("clamped-above", "Elements are clamped from above alone.") { $0.clamped = { $0.kept(upTo: $1) } },
      mutant("clamped-below", "Elements are clamped from below alone.") { $0.clamped = { $0.kept(from: -$1) } },
      mutant("limit-6", "The limit is 6.") { $0.limit = 6 }.restated { $0.source.setting("limit", .real(6)) },
      mutant("limit-halved", "The limit is half of what it should be.") { $0.limit /= 2 }.restated {
        $0.source.setting("limit", .real($0.number("limit") / 2))
      },
      mutant("clamped-by-tanh", "A soft cap stands where elements should be cut off.") {
        $0.clamped = { x, limit in
          let limit = x.parameter(limit)
          return limit * (x / limit).hyperbolicTangent()
        }
      },
      mutant("clamped-to-0", "Elements beyond the limit give 0.") {
        $0.clamped = { x, limit in x.or(0 * x, where: x.magnitude.isAbove(limit)) }
      },
      resultInBfloat16, resultInFloat16, flushed,
      rowTailSkipped, vectorTailSkipped, firstRowRepeated,
    ]
  }
}
