import PlumbLayers
import PlumbModel

extension ResidualAdd: Plantable where Context: BugContext {
  static var layer: LayerKind { .residualAdd }

  static var bugs: [Bug<Self>] {
    [
      mutant("residual-forgotten", "The residual is not added.") { $0.sum = { x, _ in x } }.restated(
        changing: "residual"
      ) { residual, _ in residual.map { _ in 0 } },
      mutant("layer-forgotten", "The residual alone passes.") { $0.sum = { _, residual in residual } }.restated(
        changing: "x"
      ) { x, _ in x.map { _ in 0 } },
      mutant("subtracted", "The residual is subtracted.") { $0.sum = { $0 - $1 } }.restated(changing: "residual") {
        residual, _ in residual.map { -$0 }
      },
      mutant("residual-twice", "The residual is added twice.") { $0.sum = { $0 + 2 * $1 } }.restated(
        changing: "residual"
      ) { residual, _ in residual.map { 2 * $0 } },
      mutant("averaged", "The sum is divided by √2.") { $0.sum = { ($0 + $1) / $0.parameter(2).squareRoot() } },
      mutant("residual-one-late", "Each element takes the residual of the one before it.") {
        $0.residual.elements = Array($0.residual.elements.prefix(1) + $0.residual.elements.dropLast())
      }.restated(changing: "residual") { residual, _ in
        Activation(
          shape: residual.shape, elements: Array(residual.elements.prefix(1) + residual.elements.dropLast()))
      },
      mutant("residual-in-bf16", "The residual is kept in bfloat16.") {
        $0.sum = { $0 + $1.rounded(to: .bfloat16) }
      }.restated(keeping: "residual", in: .bfloat16),
      mutant("residual-in-float16", "The residual is kept in binary16.") {
        $0.sum = { $0 + $1.rounded(to: .float16) }
      }.restated(keeping: "residual", in: .float16),
      resultInBfloat16,
      mutant("small-term-dropped", "A term 2²⁰ times smaller than the other is dropped.") {
        $0.sum = { x, residual in
          (x + residual).or(x, where: (x.magnitude - 0x1p20 * residual.magnitude).isAbove(0))
        }
      },
      truncated,
      flushed,
      rowTailSkipped, vectorTailSkipped, firstRowRepeated,
      mutant(
        "operands-swapped", "The residual is the first operand.",
        proof: "x + r = r + x, and each is rounded once: the same bits."
      ) { $0.sum = { $1 + $0 } },
    ]
  }
}
