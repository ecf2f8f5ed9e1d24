import PlumbLayers
import PlumbModel

extension Unembedding: Plantable where Context: BugContext {
  static var layer: LayerKind { .unembedding }

  static var bugs: [Bug<Self>] {
    Linear<Context>.products.map { bug in
      Bug(
        name: bug.name, sentence: bug.sentence, proof: bug.proof,
        plant: bug.plant.map { plant in { plant(&$0.product) } },
        spoil: bug.spoil, restatement: bug.restatement)
    } + [
      mutant("soft-cap", "Logits are capped as 30·tanh(y / 30), which this model does not.") {
        $0.product.finish = { 30 * ($0 / 30).hyperbolicTangent() }
      }.restated { $0.source.setting("softCap", .real(30)) },
      capMutant("cap-forgotten", "The soft cap is forgotten.", { y, _ in y }).restated {
        $0.source.setting("softCap", .real(0))
      },
      capMutant("cap-by-clamping", "Logits are cut off at the soft cap.", { SoftCap.clamped($0, $1) }),
      capMutant(
        "cap-not-multiplied", "The hyperbolic tangent is not multiplied by the soft cap again.",
        { SoftCap.notMultiplied($0, $1) }),
      mutant("scaled", "Logits are divided by the root of the hidden size.") { plain in
        let root = plain.exact(plain.product.x.columns).squareRoot()
        plain.product.finish = { $0 / root }
      },
      mutant("greatest-subtracted", "The greatest logit is subtracted from all.") {
        output, context in
        for row in 0..<output.rows {
          let own = context.row(output.row(row))
          output.elements.replaceSubrange(
            row * output.columns..<(row + 1) * output.columns, with: (own - own.greatest).result.numbers)
        }
      },
      mutant("vocabulary-padded", "Entries that do not fill 16 are taken for padding and are −∞.") {
        output, context in
        for index in output.elements.indices where index % output.columns >= output.columns / 16 * 16 {
          output.elements[index] = context.parameter(-.infinity)
        }
      },
    ]
  }

  /// The mutant that caps otherwise.
  private static func capMutant(
    _ name: String, _ bug: String, _ capped: @escaping @Sendable (Row<Context>, Float) -> Row<Context>
  ) -> Bug<Self> {
    mutant(name, bug) { plain in
      if let cap = plain.cap { plain.product.finish = { capped($0, cap) } }
    }
  }
}
