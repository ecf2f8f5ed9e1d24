import PlumbModel

/// y[t, i] = Σⱼ weight[i, j] · x[t, j], soft-capped: a matrix product, with bugs of its own.
struct PlainUnembedding<Number: PlainNumber>: PlainForm {
  typealias Enclosing = PlainUnembedding<Enclosed>
  static var layer: LayerKind { .unembedding }

  var product: PlainLinear<Number>
  let cap: Double

  init(reading input: PlainInput<Number>) {
    product = PlainLinear(reading: input)
    cap = Double(input.source.number("softCap"))
  }

  /// The mutant that caps otherwise.
  private static func capMutant(
    _ name: String, _ bug: String, _ capped: @escaping @Sendable (Number, Double) -> Number
  ) -> Bug<Self> {
    mutant(name, bug) { plain in
      let cap = plain.cap
      plain.product.finish = { capped($0, cap) }
    }
  }

  func result() -> Activation<Number> { product.result() }

  static var bugs: [Bug<Self>] {
    PlainLinear<Number>.products.map { bug in
      Bug(
        name: bug.name, sentence: bug.sentence, proof: bug.proof,
        plant: bug.plant.map { plant in { plant(&$0.product) } },
        spoil: bug.spoil, restatement: bug.restatement)
    } + [
      mutant("soft-cap", "Logits are capped as 30·tanh(y / 30), which this model does not.") {
        $0.product.finish = { 30 * ($0 / 30).hyperbolicTangent() }
      }.restated { $0.source.setting("softCap", .real(30)) },
      capMutant("cap-forgotten", "The soft cap is forgotten.", PlainSoftCap.forgotten).restated {
        $0.source.setting("softCap", .real(0))
      },
      capMutant("cap-by-clamping", "Logits are cut off at the soft cap.", PlainSoftCap.clamped),
      capMutant(
        "cap-not-multiplied", "The hyperbolic tangent is not multiplied by the soft cap again.",
        PlainSoftCap.notMultiplied),
      mutant("scaled", "Logits are divided by the root of the hidden size.") { plain in
        let root = Number(Double(plain.product.x.columns)).squareRoot()
        plain.product.finish = { $0 / root }
      },
      mutant("greatest-subtracted", "The greatest logit is subtracted from all.") {
        (output: inout Activation<Number>) in
        for row in 0..<output.rows {
          let greatest = Number.greatest(output.row(row)) ?? 0
          for place in row * output.columns..<(row + 1) * output.columns {
            output.elements[place] = (output.elements[place] - greatest).nearest()
          }
        }
      },
      mutant("vocabulary-padded", "Entries that do not fill 16 are taken for padding and are −∞.") {
        (output: inout Activation<Number>) in
        for index in output.elements.indices where index % output.columns >= output.columns / 16 * 16 {
          output.elements[index] = Number(-.infinity)
        }
      },
    ]
  }
}

extension PlainUnembedding: PlainLayer where Number == Double {}
