import PlumbDrift
import PlumbEngine
import PlumbExact
import PlumbFormats
import PlumbModel
import PlumbVerdicts

/// The report of `plumb similarity`; its coding keys are the documented JSON schema.
package struct SimilarityReport: Sendable, Codable {
  /// One of the texts.
  package struct Text: Sendable, Codable {
    /// The text, as it was given.
    package let text: String
    /// Its tokens.
    package let tokens: [Int]
  }

  /// Two of the texts, by their places from 0 on.
  package struct Pair: Sendable, Codable {
    /// The place of the first text.
    package let first: Int
    /// The place of the second.
    package let second: Int
    /// The engine's cosine, a hex float.
    package let engine: String
    /// At most the exact cosine, a hex float.
    package let lower: String
    /// At least the exact cosine, a hex float.
    package let upper: String
    /// The exact cosine in decimal, each digit proved; `?` where not one is.
    package let exact: String
    /// At least the distance of the engine's cosine from the exact one; infinite where it is not finite.
    package let distance: Double
    /// Whether its exact cosine is above that of the next pair; *undecided* where they are equal or too close, `nil` for the
    /// last pair.
    package let isNearerThanNext: Proof?
  }

  /// The version of the schema.
  package var schema = 1
  /// The model's name.
  package let model: String
  /// The SHA-256 of the weights.
  package let fingerprint: String
  /// The rule by which the rows of a text became one.
  package let pooling: Pooling
  /// The number of products that the pooled row then went through.
  package let products: Int
  /// Every enclosure is narrower than 10^−`digits`.
  package let digits: Int
  /// The working precision, in bits.
  package let precision: Int
  /// The texts.
  package let texts: [Text]
  /// All pairs by the midpoint of their exact cosine, greatest first.
  package let pairs: [Pair]
  /// Whether the pair that the engine has the greatest cosine of is the nearest; *proved* of one pair alone.
  package let engineNearest: Proof

  /// Compares `texts`, each beside its tokens, exactly and by the engine.
  ///
  /// - Throws: `CertificationError`; `DriftError.pass` when the engine refuses a text.
  package init(
    model: LoadedModel, texts: [(text: String, tokens: [Int])], pooling: Pooling,
    products: [LinearLayer] = [], digits: Int, isCancelled: () -> Bool = { false },
    progress: (String) -> Void = { _ in }
  ) throws {
    let engine = try texts.map { _, tokens throws(DriftError) in
      do throws(Engine.PassError) {
        let name = model.transformer.rows
        var rows = Activation<Float>(shape: [0, 0], elements: [])
        try Engine.Pass(model.transformer).append(tokens) { if $0 == name { rows = $1 } }
        return products.reduce(Engine.pooled(rows, pooling)) { Engine.linear($0, $1) }
      } catch {
        throw .pass(error)
      }
    }
    let (exact, precision) = try SimilarityPass(
      model: model, texts: texts.map(\.tokens), pooling: pooling, products: products, digits: digits
    ).pairs(isCancelled: isCancelled, progress: progress)
    self.model = model.name
    fingerprint = model.fingerprint
    self.pooling = pooling
    self.products = products.count
    self.digits = digits
    self.precision = precision
    self.texts = texts.map { Text(text: $0, tokens: $1) }
    let order = exact.indices.sorted {
      (exact[$1].cosine.midpoint, $0) < (exact[$0].cosine.midpoint, $1)
    }
    let cosines = exact.map { Engine.cosineSimilarity(engine[$0.first], engine[$0.second]).elements[0] }
    pairs = order.enumerated().map { place, index in
      let (pair, cosine) = (exact[index], cosines[index])
      let next = place + 1 < order.count ? exact[order[place + 1]].cosine : nil
      return Pair(
        first: pair.first, second: pair.second, engine: cosine.hexadecimal,
        lower: pair.cosine.lower.text(digits: digits, .down), upper: pair.cosine.upper.text(digits: digits, .up),
        exact: pair.cosine.provedDigits(digits),
        distance: ElementDrift.distance(from: cosine, to: pair.cosine)?.upper.doubleRoundedUp ?? .infinity,
        isNearerThanNext: next.map { pair.cosine.lower > $0.upper ? .proved : .undecided })
    }
    engineNearest = Self.nearest(cosines, exact.map(\.cosine))
  }

  /// Whether the greatest of `cosines`, of equal ones the first, is that of the nearest pair.
  ///
  /// *Theorem.* Let the exact cosines be any points of their balls. If the lower end of one is above the upper ends of all others,
  /// it is the greatest. If the lower end of another is above its upper end, it is not.
  ///
  /// *Edge cases*: *undecided* where a cosine is not finite, as there is then no choice to speak of.
  static func nearest(_ cosines: [Float], _ exact: [Ball]) -> Proof {
    guard cosines.allSatisfy(\.isFinite), let greatest = cosines.max(),
      let choice = cosines.firstIndex(of: greatest)
    else { return .undecided }
    let others = exact.indices.filter { $0 != choice }
    if others.allSatisfy({ exact[choice].lower > exact[$0].upper }) { return .proved }
    return others.contains { exact[$0].lower > exact[choice].upper } ? .refuted : .undecided
  }

  /// Whether the engine has another pair for the nearest, or a cosine that is not finite.
  package var isFailed: Bool { engineNearest == .refuted || pairs.contains { !$0.distance.isFinite } }
}
