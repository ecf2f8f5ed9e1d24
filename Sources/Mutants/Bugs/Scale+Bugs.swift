import PlumbLayers
import PlumbModel

extension Scale: Plantable where Context: BugContext {
  static var layer: LayerKind { .scale }

  static var bugs: [Bug<Self>] {
    [
      mutant("factor-forgotten", "Elements pass as they are.") { $0.factor = $0.parameter(1) }.restated {
        $0.source.setting("factor", .real(1))
      },
      mutant("inverted", "Elements are divided where they should be multiplied, or the reverse.") {
        $0.divides.toggle()
      }.restated { $0.source.setting("divides", .flag(!$0.flag("divides"))) },
      mutant("root-confused", "The root multiplies where the factor should, or the reverse.") { $0.isRoot.toggle() }
        .restated { $0.source.setting("root", .flag(!$0.flag("root"))) },
      mutant("twice", "Elements are scaled twice.") { $0.factor = $0.factor * $0.factor },
      mutant("factor-in-bf16", "The factor is kept in bfloat16.") { plain in
        let number = plain.isRoot ? plain.factor.squareRoot() : plain.factor
        (plain.factor, plain.isRoot) = (number.rounded(to: .bfloat16), false)
      },
      mutant("factor-in-float16", "The factor is kept in binary16.") { plain in
        let number = plain.isRoot ? plain.factor.squareRoot() : plain.factor
        (plain.factor, plain.isRoot) = (number.rounded(to: .float16), false)
      },
      resultInBfloat16,
      truncated,
      flushed,
      rowTailSkipped, vectorTailSkipped, firstRowRepeated,
    ]
  }
}
