import PlumbModel

extension Engine {
  /// How the next token is chosen from its logits.
  ///
  /// In this order: the `topK` likeliest tokens are kept; of these the fewest likeliest whose probabilities reach `topP`;
  /// of these the ones at least `minP` times as likely as the likeliest; one of the rest is drawn with the logits divided
  /// by `temperature`. Equally likely tokens rank by index, the lowest first. All arithmetic is Float64 without a C
  /// library, so the same seed gives the same tokens wherever the logits have the same bits.
  public struct Sampler: Sendable {
    /// 0 takes the likeliest token; 1 draws from the model's distribution; higher values spread the choice.
    public var temperature: Double
    /// Keeps so many of the likeliest tokens; `nil` keeps all.
    public var topK: Int?
    /// Keeps the fewest likeliest tokens whose probabilities add up to this; `nil` keeps all.
    public var topP: Double?
    /// Keeps the tokens at least this fraction as likely as the likeliest; `nil` keeps all.
    public var minP: Double?
    private var source: RandomSource

    /// A sampler; takes the likeliest token unless told otherwise.
    public init(
      temperature: Double = 0, topK: Int? = nil, topP: Double? = nil, minP: Double? = nil, seed: UInt64 = 0
    ) {
      self.temperature = temperature
      self.topK = topK
      self.topP = topP
      self.minP = minP
      source = RandomSource(seed: seed)
    }

    /// The token chosen from `logits`, `[1, vocabulary]`.
    ///
    /// *Edge cases*: NaNs are never chosen unless there is nothing else, which gives token 0. A temperature so small
    /// that a quotient overflows chooses among the likeliest.
    ///
    /// - Precondition: there is a logit, and the temperature is not negative.
    public mutating func sample(_ logits: Activation<Float>) -> Int {
      precondition(temperature >= 0 && !logits.elements.isEmpty, "nothing to choose from, or a negative temperature")
      let best = Self.likeliest(logits.elements)
      guard temperature > 0 else { return best }
      let candidates = kept(of: logits.elements, greatest: Double(logits.elements[best]))
      return draw(from: candidates) ?? best
    }

    /// The tokens that `topK`, `topP` and `minP` keep of `logits`, whatever the temperature, in ascending order.
    ///
    /// *Edge cases*: as for `sample`.
    public func kept(of logits: Activation<Float>) -> [Int] {
      let best = Self.likeliest(logits.elements)
      return kept(of: logits.elements, greatest: Double(logits.elements[best])).map(\.token).sorted()
    }

    /// The index of the greatest element; of equal ones the first.
    static func likeliest(_ logits: [Float]) -> Int {
      var best = 0
      for index in logits.indices where logits[index] > logits[best] || logits[best].isNaN { best = index }
      return logits[best].isNaN ? 0 : best
    }

    /// A token that may be chosen: its logit less the greatest one, and e to that power.
    private struct Candidate {
      let token: Int
      let difference: Double
      let weight: Double
    }

    private func kept(of logits: [Float], greatest: Double) -> [Candidate] {
      let ranked = topK.map { Self.greatest($0, of: logits) } ?? Array(logits.indices)
      let tokens = ranked.filter { !logits[$0].isNaN }
      let differences = tokens.map { logits[$0] == Float(greatest) ? 0 : Double(logits[$0]) - greatest }
      let weights = Engine.exponentials(differences)
      var candidates = tokens.indices.map {
        Candidate(token: tokens[$0], difference: differences[$0], weight: weights[$0])
      }
      if let topP { candidates = Self.nucleus(candidates, topP) }
      if let minP { candidates.removeAll { $0.weight < minP } }
      return candidates
    }

    /// The `count` greatest of `logits`, the greatest first.
    private static func greatest(_ count: Int, of logits: [Float]) -> [Int] {
      var best: [Int] = []
      for index in logits.indices where count > 0 && !logits[index].isNaN {
        if best.count == count, let last = best.last, logits[index] <= logits[last] { continue }
        let place = best.firstIndex { logits[$0] < logits[index] } ?? best.count
        best.insert(index, at: place)
        if best.count > count { best.removeLast() }
      }
      return best
    }

    /// The fewest likeliest of `candidates` whose probabilities reach `mass`.
    ///
    /// Those less likely than (1 − mass) / n hold less than 1 − mass together, so the others reach `mass` without them,
    /// and only they need to be ranked.
    private static func nucleus(_ candidates: [Candidate], _ mass: Double) -> [Candidate] {
      let total = candidates.reduce(0) { $0 + $1.weight }
      let least = (1 - mass) / Double(max(candidates.count, 1)) * total
      let ranked = candidates.filter { $0.weight >= least }
        .sorted { ($1.weight, $0.token) < ($0.weight, $1.token) }
      var reached = 0.0
      var kept: [Candidate] = []
      for candidate in ranked {
        kept.append(candidate)
        reached += candidate.weight
        if reached >= mass * total { break }
      }
      return kept
    }

    private mutating func draw(from candidates: [Candidate]) -> Int? {
      let weights = Engine.exponentials(candidates.map { max($0.difference / temperature, -1000) })
      var rest = source.fraction() * weights.reduce(0, +)
      for (candidate, weight) in zip(candidates, weights) {
        if rest < weight { return candidate.token }
        rest -= weight
      }
      // Rounding of the differences above may leave a little behind the last one.
      return candidates.last { $0.weight > 0 }?.token
    }
  }
}
