import PlumbDrift
import PlumbEngine
import PlumbExact
import PlumbFormats
import PlumbModel
import PlumbVerdicts

/// The report of `plumb certify`; its coding keys are the documented JSON schema.
package struct CertificationReport: Sendable, Codable {
  /// The proofs about logits that somebody computed, against the exact ones.
  package struct Comparison: Sendable, Codable {
    /// The source of the logits: `engine`, or a file.
    package let source: String
    /// The logits that are not finite, by kind; where there are any, nothing is claimed, and the comparison fails.
    package let nonFinite: [NonFiniteLogits]
    /// Whether the token of the greatest logit, of equal ones the first, is the exact first choice.
    package let firstChoice: Proof
    /// Whether the `topKCount` greatest logits are those of the exact top-k set.
    package let topK: Proof
    /// The number of tokens of that set.
    package let topKCount: Int
    /// Whether the fewest likeliest tokens that reach `topPMass` are those of the exact nucleus.
    package let topP: Proof
    /// The probability that the nucleus reaches.
    package let topPMass: Double
    /// The greatest distance of a logit from the exact one, rounded up; infinite where one is not finite.
    package let greatestAbsolute: Double
    /// The token with that logit.
    package let token: Int

    /// Whether a first choice is proved not to be the exact one, or a logit is not finite.
    package var isFailed: Bool { firstChoice == .refuted || !nonFinite.isEmpty }
  }

  /// The version of the schema.
  package var schema = 1
  /// The model's name.
  package let model: String
  /// The SHA-256 of the weights.
  package let fingerprint: String
  /// The tokens of the prompt.
  package let tokens: [Int]
  /// Every enclosure is narrower than 10^−`digits`.
  package let digits: Int
  /// The working precision, in bits.
  package let precision: Int
  /// The likeliest next tokens by the midpoint of their exact probability, greatest first.
  package let next: [NextToken]
  /// The engine's logits, and others that were given.
  package let comparisons: [Comparison]

  /// Reports `certificate` beside the engine's own logits and those `others`, by source.
  ///
  /// - Throws: `DriftError.pass` when the engine refuses the tokens.
  package init(
    _ certificate: Certificate, model: LoadedModel, others: [(source: String, logits: [Float])] = [], topK: Int,
    topP: Double
  ) throws(DriftError) {
    let engine: Activation<Float>
    do throws(Engine.PassError) {
      engine = try Engine.Pass(model.transformer).append(certificate.tokens)
    } catch {
      throw .pass(error)
    }
    self.model = model.name
    fingerprint = model.fingerprint
    tokens = certificate.tokens
    digits = certificate.digits
    precision = certificate.precision
    let probabilities = Engine.softmax(engine).elements
    next = certificate.ranking.prefix(10).map { token in
      let exact = certificate.probabilities[token]
      return NextToken(
        token: token, text: model.tokenizer.text(of: [token]), engine: probabilities[token].hexadecimal,
        lower: certificate.text(exact.lower, .down), upper: certificate.text(exact.upper, .up),
        exact: exact.provedDigits(certificate.digits))
    }
    comparisons = ([("engine", engine.elements)] + others.map { ($0.source, $0.logits) }).map { source, logits in
      Comparison(certificate, source: source, logits: logits, topK: min(topK, logits.count), topP: topP)
    }
  }
}

extension CertificationReport.Comparison {
  /// Holds `logits`, one a token, against `certificate`.
  init(_ certificate: Certificate, source: String, logits: [Float], topK: Int, topP: Double) {
    let all = Activation(shape: [1, logits.count], elements: logits)
    var greedy = Engine.Sampler()
    self.source = source
    nonFinite = NonFiniteLogits.kinds(of: logits)
    // A sampler passes over NaNs and takes an infinity for a logit: neither is a choice to prove anything of.
    let isClaimed = nonFinite.isEmpty
    firstChoice = isClaimed ? certificate.areLikeliest([greedy.sample(all)]) : .undecided
    self.topK =
      isClaimed
      ? certificate.areLikeliest(Engine.Sampler(temperature: 1, topK: topK).kept(of: all), count: topK) : .undecided
    topKCount = topK
    self.topP =
      isClaimed
      ? certificate.areNucleus(
        Engine.Sampler(temperature: 1, topP: topP).kept(of: all), of: Rational(exactly: topP) ?? 1) : .undecided
    topPMass = topP
    let distances = zip(logits, certificate.logits).map { logit, exact in
      ElementDrift.distance(from: logit, to: exact)?.upper.doubleRoundedUp ?? .infinity
    }
    greatestAbsolute = distances.max() ?? 0
    token = distances.firstIndex(of: greatestAbsolute) ?? 0
  }
}

extension Certificate {
  /// `value` as a hex float of few more digits than were asked for, rounded to the given side.
  func text(_ value: Rational, _ rule: FloatingPointRoundingRule) -> String { value.text(digits: digits, rule) }
}

extension Rational {
  /// A hex float of few more than `digits` decimal digits after the point, rounded to the given side.
  func text(digits: Int, _ rule: FloatingPointRoundingRule) -> String {
    // The place of the last bit lies far below the greatest width 10^−digits > 2^(−(10·digits + 2)/3 − 1).
    let place = (10 * digits + 2) / 3 + 16
    let bits = isZero ? 2 : max(2, floorLog2 + place)
    return rounded(toBits: bits, rule).exactText
  }
}
