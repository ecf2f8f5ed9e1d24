import PlumbExact
import PlumbFormats
import PlumbModel
import PlumbReference

/// The exact cosines of texts: each text through a model of its own rows, these pooled, and each pair compared.
package struct SimilarityPass: Sendable {
  /// Two texts, by their places, and the enclosure of the cosine of their rows.
  package struct Pair: Sendable {
    /// The place of the first text.
    package let first: Int
    /// The place of the second, which is greater.
    package let second: Int
    /// The cosine.
    package let cosine: Ball
  }

  private let transformer: Transformer
  private let texts: [[Int]]
  private let pooling: Pooling
  private let products: [LinearLayer]
  private let digits: Int

  /// The greatest number of digits that can be asked for.
  package static let greatestDigits = CertifiedPass.greatestDigits
  /// The greatest working precision that is tried, in bits.
  private static let greatestPrecision = 1 << 14

  /// Makes a pass over `texts`, each as tokens, whose pooled rows go through `products`, and whose enclosures are narrower than
  /// 10^−`digits`.
  ///
  /// - Precondition: there are two texts at least, none of them empty, and 1 ≤ `digits` ≤ `greatestDigits`.
  package init(model: LoadedModel, texts: [[Int]], pooling: Pooling, products: [LinearLayer] = [], digits: Int) {
    precondition(texts.count > 1 && texts.allSatisfy { !$0.isEmpty }, "fewer than two texts, or an empty one")
    precondition(1...Self.greatestDigits ~= digits, "\(digits) digits")
    transformer = model.transformer
    self.texts = texts
    self.pooling = pooling
    self.products = products
    self.digits = digits
  }

  /// All pairs, and the precision that sufficed, with more of it for as long as an enclosure comes out too wide.
  ///
  /// `progress` is called with a line for people after each layer.
  ///
  /// - Throws: `CertificationError`.
  package func pairs(
    isCancelled: () -> Bool = { false }, progress: (String) -> Void = { _ in }
  ) throws(CertificationError) -> (pairs: [Pair], precision: Int) {
    let usual = CertifiedPass.usualPrecision(digits: digits, blocks: transformer.blocks.count)
    let first = min(usual, Self.greatestPrecision)
    let width = Rational(1, over: Integer(10).power(digits))
    do {
      return try PrecisionLoop.decideOrFail(from: first, upTo: Self.greatestPrecision) { precision, next in
        let rows = try texts.enumerated().map { index, tokens in
          try row(tokens, precision, isCancelled) {
            progress("text \(index + 1), exact pass at \(precision) bits: \($0)")
          }
        }
        var pairs: [Pair] = []
        for second in texts.indices {
          for first in 0..<second {
            let cosine = try Reference.cosineSimilarity(rows[first], rows[second], precision: precision).elements[0]
            pairs.append(Pair(first: first, second: second, cosine: cosine))
          }
        }
        let widest = pairs.lazy.map(\.cosine.radius).max() ?? 0
        guard widest * 2 < width else {
          next = precision + (widest * 2 / width).floorLog2 + 33
          return nil
        }
        return (pairs, precision)
      }
    } catch let error as PrecisionExhausted {
      throw .tooWide(precision: error.precision)
    } catch {
      throw .interrupted(checkpoint: nil)
    }
  }

  /// The pooled row of a text.
  private func row(
    _ tokens: [Int], _ precision: Int, _ isCancelled: () -> Bool, _ progress: (String) -> Void
  ) throws -> Activation<Ball> {
    struct Enough: Error { let rows: Activation<Ball> }
    let end = transformer.rows
    do {
      try Reference.TensorPass(transformer, precision: precision).run(
        tokens, isCancelled: isCancelled,
        wanted: { name in
          progress(name.description)
          return name == end
        }
      ) { throw Enough(rows: $1) }
    } catch let enough as Enough {
      return try products.reduce(Reference.pooled(enough.rows, pooling, precision: precision)) {
        try Reference.linear($0, $1, precision: precision)
      }
    }
    preconditionFailure("a pass gives the rows of its tokens")
  }
}
