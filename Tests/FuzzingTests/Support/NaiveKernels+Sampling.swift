import PlumbVerdicts

extension NaiveKernels {
  /// A sampler as engines have it: by turns it divides by the temperature first or last, ranks equal tokens by index or from
  /// behind, and compares masses from the likeliest token on or from the least likely one.
  static func sampling(_ logits: [Float], _ input: CheckedCase, _ machine: inout NaiveMachine) -> [Float] {
    let (temperature, topK) = (input.number("temperature"), input.integer("topK"))
    let (isFirst, isReversed) = (machine.random(2) == 0, machine.random(2) == 0)
    func tempered(_ row: [Float]) -> [Float] { temperature == 0 ? row : row.map { machine.between($0 / temperature) } }
    let compared = isFirst ? tempered(logits) : logits
    var kept = compared.indices.sorted {
      compared[$0] == compared[$1] ? ($0 < $1) != isReversed : compared[$0] > compared[$1]
    }
    if temperature == 0 {
      return logits.indices.map { $0 == kept.first ? 1 : 0 }
    }
    if topK > 0 { kept = Array(kept.prefix(topK)) }
    let topP = input.number("topP")
    if topP < 1 {
      let shares = softmax(kept.map { compared[$0] }, &machine).map(machine.between)
      if machine.random(2) == 0 {
        // The sum before a token, from the likeliest on.
        let count = shares.indices.filter { $0 == 0 || machine.between(machine.sum(Array(shares[..<$0]))) < topP }.count
        kept = Array(kept.prefix(count))
      } else {
        // The sum from a token on, beginning with the least likely one.
        let rest = shares.indices.filter { machine.between(machine.sum(shares[$0...].reversed())) > 1 - topP }
        kept = Array(kept.prefix(max(1, rest.count)))
      }
    }
    let minP = input.number("minP")
    if minP > 0 {
      let all = softmax(compared, &machine).map(machine.between)
      let greatest = all.max() ?? 0
      kept = kept.filter { all[$0] >= machine.between(minP * greatest) }
    }
    let values = kept.map { tempered(logits)[$0] }
    var result = [Float](repeating: 0, count: logits.count)
    for (token, probability) in zip(kept, softmax(values, &machine)) { result[token] = probability }
    return result
  }
}
