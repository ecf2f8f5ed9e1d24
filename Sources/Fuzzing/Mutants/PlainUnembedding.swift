import Foundation
import PlumbDrift
import PlumbModel

/// y[t, i] = Σⱼ weight[i, j] · x[t, j], soft-capped: a matrix product, with bugs of its own.
struct PlainUnembedding: PlainLayer {
  static let layer = LayerKind.unembedding

  var product: PlainLinear
  let cap: Double

  init(_ input: CheckedCase) {
    product = PlainLinear(input)
    cap = Double(input.number("softCap"))
  }

  /// The mutant that caps otherwise.
  private static func capMutant(
    _ name: String, _ bug: String, _ capped: @escaping @Sendable (Double, Double) -> Double
  ) -> Mutant {
    mutant(name, bug) { plain in
      let cap = plain.cap
      plain.product.finish = { capped($0, cap) }
    }
  }

  func output() -> Activation<Float> { product.output() }

  static let mutants: [Mutant] =
    PlainLinear.products.map { bug in
      var own = Mutant(layer, bug.name, bug.bug) { bug.output($0) }
      own.restatement = bug.restatement
      return own
    } + [
      mutant("soft-cap", "Logits are capped as 30·tanh(y / 30), which this model does not.") {
        $0.product.finish = { 30 * tanh($0 / 30) }
      }.restated { $0.source.setting("softCap", .real(30)) },
      capMutant("cap-forgotten", "The soft cap is forgotten.", PlainSoftCap.forgotten).restated {
        $0.source.setting("softCap", .real(0))
      },
      capMutant("cap-by-clamping", "Logits are cut off at the soft cap.", PlainSoftCap.clamped),
      capMutant(
        "cap-not-multiplied", "The hyperbolic tangent is not multiplied by the soft cap again.",
        PlainSoftCap.notMultiplied),
      mutant("scaled", "Logits are divided by the root of the hidden size.") { plain in
        let root = Double(plain.product.x.columns).squareRoot()
        plain.product.finish = { $0 / root }
      },
      mutant("greatest-subtracted", "The greatest logit is subtracted from all.") { (output: inout Activation<Float>) in
        for row in 0..<output.rows {
          let greatest = output.row(row).max() ?? 0
          for column in 0..<output.columns { output.elements[row * output.columns + column] -= greatest }
        }
      },
      mutant("vocabulary-padded", "Entries that do not fill 16 are taken for padding and are −∞.") {
        (output: inout Activation<Float>) in
        for index in output.elements.indices where index % output.columns >= output.columns / 16 * 16 {
          output.elements[index] = -.infinity
        }
      },
    ]
}
