import PlumbModel
import PlumbVerdicts

/// The attributes of a router that depend on each other and on the number of experts.
enum RouterDraw {
  /// Groups where the experts make some, and no more chosen experts than those that are kept have.
  static func attributes(_ experts: Int, using source: inout SeededSource) -> [String: AttributeValue] {
    let counts = (2...max(experts, 2)).filter { experts.isMultiple(of: $0) && $0 <= 8 }
    guard let count = counts.randomElement(using: &source), source.oneIn(2) else {
      return ["chosen": .integer(source.size(1...min(experts, 8)))]
    }
    let (size, kept) = (experts / count, Int.random(in: 1...count, using: &source))
    let score = size > 1 && source.oneIn(2) ? ExpertGroups.Score.sumOfTwo : .greatest
    return [
      "chosen": .integer(source.size(1...min(kept * size, 8))), "groups": .integer(count), "keptGroups": .integer(kept),
      "groupScore": .word(score.rawValue),
    ]
  }
}
