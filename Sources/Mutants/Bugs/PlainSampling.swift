import Foundation
import PlumbModel
import PlumbTolerance
import PlumbVerdicts

/// softmax(logits / temperature) over what top-k, then top-p, then min-p keep; 0 elsewhere.
struct PlainSampling: PlainLayer {
  static let layer = LayerKind.sampling

  /// One of the three filters: the tokens that it keeps of ranked ones, of which e^(logit less the greatest) is given.
  typealias Filter = (_ ranked: [Int], _ powers: [Double]) -> [Int]

  let logits: Activation<Float>
  var temperature: Double
  var topK: Int
  var topP: Double
  var minP: Double
  /// The temperature at which the filters see the tokens.
  var filterTemperature = 1.0
  /// Whether a token ranks before another.
  var precedes: (_ first: (logit: Float, token: Int), _ second: (logit: Float, token: Int)) -> Bool = {
    ($1.logit, $0.token) < ($0.logit, $1.token)
  }
  /// Whether a mass is enough for top-p.
  var isEnough: (_ reached: Double, _ wanted: Double) -> Bool = { $0 >= $1 }
  /// Whether the token that makes the mass enough is kept.
  var keepsLast = true
  /// Whether top-p is of the mass of all tokens, rather than of what top-k keeps.
  var isTopPOfAll = false
  /// Whether min-p comes before top-p.
  var isMinPFirst = false
  /// The test of a token's power by which min-p keeps the token.
  var isLikely: (_ power: Double, _ minP: Double, _ powers: [Double]) -> Bool = { power, minP, _ in power >= minP }
  /// Whether what is kept keeps its share of the whole, and is not scaled up to 1.
  var keepsShares = false
  var round = LastRounding.nearest

  init(_ input: CheckedCase) {
    logits = input.real("logits")
    temperature = Double(input.number("temperature"))
    topK = input.integer("topK") == 0 ? Int.max : input.integer("topK")
    topP = Double(input.number("topP"))
    minP = Double(input.number("minP"))
  }

  func output() -> Activation<Float> {
    var result = [Float](repeating: 0, count: logits.elements.count)
    for row in 0..<logits.rows {
      for (token, probability) in probabilities(Array(logits.row(row))) {
        result[row * logits.columns + token] = round(probability)
      }
    }
    return Activation(shape: logits.shape, elements: result)
  }

  private func probabilities(_ row: [Float]) -> [(Int, Double)] {
    let ranked = row.indices.sorted { precedes((row[$0], $0), (row[$1], $1)) }
    guard let first = ranked.first else { return [] }
    if temperature == 0 { return [(first, 1)] }
    func power(_ token: Int, _ temperature: Double) -> Double {
      let difference = Double(row[token]) - Double(row[first])
      return difference == 0 ? 1 : exp(difference / temperature)
    }
    var kept = Array(ranked.prefix(topK))
    let all = ranked.map { power($0, filterTemperature) }
    if isMinPFirst { kept = likely(kept, all) }
    kept = nucleus(kept, all)
    if !isMinPFirst { kept = likely(kept, all) }
    let powers = kept.map { power($0, temperature) }
    let sum = keepsShares ? ranked.reduce(0) { $0 + power($1, temperature) } : powers.reduce(0, +)
    return zip(kept, powers).map { ($0, $1 / sum) }
  }

  /// The tokens that top-p keeps of the first of all ranked ones.
  private func nucleus(_ kept: [Int], _ powers: [Double]) -> [Int] {
    guard topP < 1 else { return kept }
    let wanted = topP * powers.prefix(isTopPOfAll ? powers.count : kept.count).reduce(0, +)
    var (reached, count) = (0.0, 0)
    while count < kept.count {
      reached += powers[count]
      count += 1
      if isEnough(reached, wanted) { break }
    }
    return Array(kept.prefix(max(1, keepsLast ? count : count - 1)))
  }

  private func likely(_ kept: [Int], _ powers: [Double]) -> [Int] {
    zip(kept, powers).filter { isLikely($0.1, minP, powers) }.map(\.0)
  }

  static let mutants: [Mutant] = [
    mutant("ties-by-highest", "Of equally likely tokens the highest index ranks first.") {
      $0.precedes = { ($1.logit, $1.token) < ($0.logit, $0.token) }
    },
    mutant("greedy-ignored", "Temperature 0 is taken for 1.") {
      $0.temperature = $0.temperature == 0 ? 1 : $0.temperature
    },
    mutant("temperature-guarded", "1e-5 is added to the temperature against a division by 0.") {
      $0.temperature += 1e-5
    },
    mutant("temperature-ignored", "The logits are not divided by the temperature.") {
      $0.temperature = $0.temperature == 0 ? 0 : 1
    },
    mutant("temperature-inverted", "The logits are multiplied by the temperature.") {
      $0.temperature = $0.temperature == 0 ? 0 : 1 / $0.temperature
    },
    mutant("temperature-first", "The filters see the logits already divided by the temperature.") {
      $0.filterTemperature = $0.temperature == 0 ? 1 : $0.temperature
    },
    mutant("top-k-one-more", "Top-k keeps one token too many.") { $0.topK += $0.topK == Int.max ? 0 : 1 },
    mutant("top-k-one-less", "Top-k keeps one token too few, where it keeps more than one.") {
      $0.topK -= $0.topK == Int.max || $0.topK == 1 ? 0 : 1
    },
    mutant("top-k-ignored", "Top-k is ignored.") { $0.topK = Int.max },
    mutant("top-p-ignored", "Top-p is ignored.") { $0.topP = 1 },
    mutant("top-p-excludes-last", "The token that reaches top-p is not kept.") { $0.keepsLast = false },
    mutant("top-p-must-exceed", "The mass must exceed top-p, not only reach it.") { $0.isEnough = { $0 > $1 } },
    mutant("top-p-of-all", "Top-p counts the mass that top-k has removed.") { $0.isTopPOfAll = true },
    mutant("top-p-in-float16", "Top-p is kept in binary16.") { $0.topP = FloatFormat.float16.rounded($0.topP) },
    mutant("min-p-ignored", "Min-p is ignored.") { $0.minP = 0 },
    mutant("min-p-absolute", "Min-p is held against probabilities, not against the likeliest one's.") {
      $0.isLikely = { power, minP, powers in power >= minP * powers.reduce(0, +) || power == 1 }
    },
    mutant("min-p-must-exceed", "A token must be likelier than min-p, not as likely.") {
      $0.isLikely = { power, minP, powers in power > minP }
    },
    mutant("min-p-first", "Min-p comes before top-p.") { $0.isMinPFirst = true },
    mutant("not-scaled-up", "What is kept keeps its share of the whole.") { $0.keepsShares = true },
    mutant("result-in-bf16", "The result goes through bfloat16.") { $0.round = LastRounding.bfloat16 },
    mutant("result-in-float16", "The result goes through binary16.") { $0.round = LastRounding.float16 },
    mutant("truncated", "The result is cut off instead of rounded.") { $0.round = LastRounding.truncated },
    rowTailSkipped, vectorTailSkipped, firstRowRepeated,
  ]
}
