import PlumbLayers
import PlumbModel

extension LearnedPosition: Plantable where Context: BugContext {
  static var layer: LayerKind { .learnedPosition }

  static var bugs: [Bug<Self>] {
    [
      mutant("position-plus-1", "Positions count from 1.") { plain in
        let (position, rows) = (plain.position, plain.weight.rows)
        plain.position = { (position($0) + 1) % rows }
      },
      mutant("position-from-0", "Every call starts at position 0.") { $0.position = { $0 } },
      mutant("first-position-for-all", "Every token takes the first one's position.") {
        let first = $0.position(0)
        $0.position = { _ in first }
      },
      mutant("positions-reversed", "Positions count from the end.") { plain in
        let (position, rows) = (plain.position, plain.weight.rows)
        plain.position = { rows - 1 - position($0) }
      },
      mutant("position-forgotten", "The position's row is not added.") { $0.sum = { x, _ in x } },
      mutant("layer-forgotten", "The position's row alone passes.") { $0.sum = { _, row in row } },
      mutant("added-twice", "The position's row is added twice.") { $0.sum = { $0 + 2 * $1 } },
      mutant("weight-in-float16", "The weight is kept in binary16.") {
        $0.sum = { $0 + $1.rounded(to: .float16) }
      },
      truncated,
      rowTailSkipped, vectorTailSkipped,
    ]
  }
}
