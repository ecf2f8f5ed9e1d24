import PlumbLayers
import PlumbModel

extension Embedding: Plantable where Context: BugContext {
  static var layer: LayerKind { .embedding }

  static var bugs: [Bug<Self>] {
    [
      mutant("next-token", "Tokens count from 1, so that each reads the next row.") { plain in
        let vocabulary = plain.weight.rows
        plain.tokens = plain.tokens.map { ($0 + 1) % vocabulary }
      }.restated { input in
        let vocabulary = input.real("weight").rows
        return input.source.reading(input.integers("tokens").map { ($0 + 1) % vocabulary })
      },
      mutant("one-token-late", "Each token reads the row of the token before it.") { plain in
        plain.tokens = Array(plain.tokens.prefix(1) + plain.tokens.dropLast())
      }.restated { input in
        let tokens = input.integers("tokens")
        return input.source.reading(Array(tokens.prefix(1) + tokens.dropLast()))
      },
      mutant("token-in-4-bits", "Token numbers are kept in 4 bits.") { plain in
        plain.tokens = plain.tokens.map { $0 & 15 }
      }.restated { $0.source.reading($0.integers("tokens").map { $0 & 15 }) },
      mutant("transposed", "The weights are read as if they stood transposed.") { $0.isTransposed = true }.restated(
        changing: "weight"
      ) { weight, _ in weight.readTransposed },
      mutant("scaled", "Rows are scaled by the root of their size, as Gemma's are.") { plain in
        let scale = plain.exact(plain.weight.columns).squareRoot()
        plain.scaled = { scale * $0 }
      },
      mutant("bf16-table", "The table is kept in bfloat16.") { $0.round = { $0.rounded(to: .bfloat16) } }.restated(
        keeping: "weight", in: .bfloat16),
      mutant("float16-table", "The table is kept in binary16.") { $0.round = { $0.rounded(to: .float16) } }.restated(
        keeping: "weight", in: .float16),
      mutant("flush-to-zero", "Subnormal weights become 0.") { $0.round = { $0.flushed() } },
      rowTailSkipped, vectorTailSkipped, firstRowRepeated,
      mutant(
        "zero-without-sign", "A weight of −0 becomes +0.",
        proof: "−0 and +0 are the same real number, so that the drift of the one is the drift of the other."
      ) { plain in plain.round = { $0.result + 0 } },
    ]
  }
}
