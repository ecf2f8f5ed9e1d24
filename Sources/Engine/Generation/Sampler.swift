import PlumbModel

extension Engine {
  /// The choice of the next token from its logits.
  ///
  /// One token is drawn with the probabilities that `SamplingLayer` defines: that is where the order of the filters is
  /// stated. All arithmetic is Float64 without a C library, so the same seed gives the same tokens wherever the logits have
  /// the same bits.
  package struct Sampler: Sendable {
    /// 0 takes the likeliest token; 1 draws from the model's distribution; higher values spread the choice.
    package var temperature: Double
    /// Keeps so many of the likeliest tokens; `nil` keeps all.
    package var topK: Int?
    /// Keeps the fewest likeliest tokens whose probabilities add up to this; `nil` keeps all.
    package var topP: Double?
    /// Keeps the tokens at least this fraction as likely as the likeliest; `nil` keeps all.
    package var minP: Double?
    private var source: RandomSource

    /// A sampler; takes the likeliest token unless told otherwise.
    package init(
      temperature: Double = 0, topK: Int? = nil, topP: Double? = nil, minP: Double? = nil, seed: UInt64 = 0
    ) {
      self.temperature = temperature
      self.topK = topK
      self.topP = topP
      self.minP = minP
      source = RandomSource(seed: seed)
    }

    /// A sampler that draws with the probabilities of `layer`.
    package init(_ layer: SamplingLayer, seed: UInt64 = 0) {
      self.init(
        temperature: Double(layer.temperature), topK: layer.topK, topP: Double(layer.topP), minP: Double(layer.minP),
        seed: seed)
    }

    /// The token chosen from `logits`, `[1, vocabulary]`.
    ///
    /// *Edge cases*: NaNs are never chosen unless there is nothing else, which gives token 0. A temperature so small
    /// that a quotient overflows chooses among the likeliest.
    ///
    /// - Precondition: there is a logit, and the temperature is not negative.
    package mutating func sample(_ logits: Activation<Float>) -> Int {
      precondition(temperature >= 0 && !logits.elements.isEmpty, "nothing to choose from, or a negative temperature")
      return temperature == 0 ? Self.likeliest(logits.elements) : draw(from: weights(of: logits.elements))
    }

    /// The tokens that may be chosen, in proportion to their probabilities.
    ///
    /// - Precondition: there is a logit.
    func weights(of logits: [Float]) -> [(token: Int, weight: Double)] {
      let best = Self.likeliest(logits)
      guard temperature > 0 else { return [(best, 1)] }
      let candidates = kept(of: logits, greatest: Double(logits[best]))
      // A quotient that overflows is as good as −1000, below which the exponential is 0.
      let weights = Engine.exponentials(candidates.map { max($0.difference / temperature, -1000) })
      return candidates.isEmpty ? [(best, 1)] : Array(zip(candidates.map(\.token), weights))
    }

    /// The tokens that `topK`, `topP` and `minP` keep of `logits`, whatever the temperature, in ascending order.
    ///
    /// *Edge cases*: as for `sample`.
    package func kept(of logits: Activation<Float>) -> [Int] {
      let best = Self.likeliest(logits.elements)
      return kept(of: logits.elements, greatest: Double(logits.elements[best])).map(\.token).sorted()
    }

    /// The index of the greatest element; of equal ones the first.
    ///
    /// *Edge cases*: NaNs are passed over; 0 where there is nothing else.
    static func likeliest(_ logits: [Float]) -> Int {
      // Sixteen side by side, as there are tens of thousands for each token. No comparison with a NaN holds.
      var greatest = SIMD16<Float>(repeating: -.infinity)
      let whole = logits.count / 16 * 16
      unsafe logits.withUnsafeBytes { bytes in
        for first in stride(from: 0, to: whole, by: 16) {
          let some = unsafe bytes.loadUnaligned(fromByteOffset: 4 * first, as: SIMD16<Float>.self)
          greatest.replace(with: some, where: some .> greatest)
        }
      }
      let best = logits[whole...].reduce(greatest.max()) { $1 > $0 ? $1 : $0 }
      return logits.firstIndex(of: best) ?? 0
    }

    /// A token that may be chosen: its logit, that less the greatest one, and e to that power.
    private struct Candidate {
      let token: Int
      let logit: Float
      let difference: Double
      let weight: Double
    }

    private func kept(of logits: [Float], greatest: Double) -> [Candidate] {
      let ranked = topK.map { Self.greatest($0, of: logits) } ?? Array(logits.indices)
      let tokens = ranked.filter { !logits[$0].isNaN }
      let differences = tokens.map { logits[$0] == Float(greatest) ? 0 : Double(logits[$0]) - greatest }
      let weights = Engine.exponentials(differences)
      var candidates = tokens.indices.map {
        Candidate(token: tokens[$0], logit: logits[tokens[$0]], difference: differences[$0], weight: weights[$0])
      }
      if let topP, topP < 1 { candidates = Self.nucleus(candidates, topP) }
      if let minP { candidates.removeAll { $0.weight < minP } }
      return candidates
    }

    /// The `count` greatest of `logits`, the greatest first, and of equal ones the first.
    ///
    /// Ranks are whole numbers: the logit's place among all Float32s, and below it the index from behind. Counting the places'
    /// leading bits leaves few more than `count` to be sorted.
    private static func greatest(_ count: Int, of logits: [Float]) -> [Int] {
      var histogram = [Int](repeating: 0, count: 1 << 12)
      for logit in logits where !logit.isNaN { histogram[Int(place(of: logit) >> 20)] += 1 }
      var (least, reached) = (histogram.count, 0)
      while least > 0 && reached < count {
        least -= 1
        reached += histogram[least]
      }
      var ranks: [UInt64] = []
      ranks.reserveCapacity(reached)
      for (index, logit) in logits.enumerated() where !logit.isNaN {
        let place = place(of: logit)
        if Int(place >> 20) >= least { ranks.append(UInt64(place) << 32 | UInt64(UInt32.max - UInt32(index))) }
      }
      ranks.sort(by: >)
      return ranks.prefix(count).map { Int(UInt32.max - UInt32(truncatingIfNeeded: $0)) }
    }

    /// The number's place in ascending order; both zeros have one.
    private static func place(of number: Float) -> UInt32 {
      let bits = number == 0 ? 0 : number.bitPattern
      return bits >> 31 == 1 ? ~bits : bits | 0x8000_0000
    }

    /// The fewest likeliest of `candidates`, one at least, whose probabilities reach `mass`.
    ///
    /// Tokens less likely than (1 − mass) / 2n hold less than half of 1 − mass together, so the others reach `mass` without
    /// them, and only they need to be ranked. Ranks are those of the logits, as powers of e may round to the same number.
    private static func nucleus(_ candidates: [Candidate], _ mass: Double) -> [Candidate] {
      let total = candidates.reduce(0) { $0 + $1.weight }
      let least = (1 - mass) / Double(2 * max(candidates.count, 1)) * total
      let ranked = candidates.filter { $0.weight >= least }
        .sorted { ($1.logit, $0.token) < ($0.logit, $1.token) }
      var reached = 0.0
      var kept: [Candidate] = []
      for candidate in ranked {
        kept.append(candidate)
        reached += candidate.weight
        if reached >= mass * total { break }
      }
      return kept
    }

    private mutating func draw(from weights: [(token: Int, weight: Double)]) -> Int {
      var rest = source.fraction() * weights.reduce(0) { $0 + $1.weight }
      for (token, weight) in weights {
        if rest < weight { return token }
        rest -= weight
      }
      // Rounding of the differences above may leave a little behind the last one.
      return weights.last { $0.weight > 0 }?.token ?? 0
    }
  }
}
