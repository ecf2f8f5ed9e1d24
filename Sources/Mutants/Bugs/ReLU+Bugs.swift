import PlumbLayers
import PlumbModel

extension ReLU: Plantable where Context: BugContext {
  static var layer: LayerKind { .relu }

  static var bugs: [Bug<Self>] {
    [
      resultInBfloat16, resultInFloat16, flushed, rowTailSkipped, vectorTailSkipped, firstRowRepeated,
      mutant("leaky", "Negative inputs are scaled by 0.01.") {
        $0.function = { (0.01 * $0).or($0, where: $0.isAbove(0)) }
      },
      mutant("magnitude", "The magnitude is given.") { $0.function = { $0.magnitude } },
      mutant("least", "The lesser of x and 0 is given.") { $0.function = { $0.rising { min($0, 0) } } },
      mutant("cut-at-6", "Inputs above 6 give 6.") { $0.function = { $0.rising { min(max($0, 0), 6) } } },
      mutant("squared", "The result is squared.") { $0.function = { $0.rectified() * $0.rectified() } },
    ]
  }
}
