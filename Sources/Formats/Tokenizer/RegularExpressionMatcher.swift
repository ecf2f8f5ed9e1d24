/// The run of a regular expression over parts of a text.
struct RegularExpressionMatcher {
  /// The text took more steps than any text needs.
  struct TooManySteps: Error {}

  /// A place to go on from where what was tried has failed.
  private struct Choice {
    let instruction: Int
    let place: Int
    /// The least place of a run of which one scalar less is tried each time.
    let least: Int
  }

  private let expression: RegularExpression
  private let text: ScalarText
  private let range: Range<Int>
  /// The steps that are left.
  private(set) var steps: Int

  /// The matches of `expression` in `range` of `text`, of which nothing outside is seen, in at most `steps` steps.
  init(_ expression: RegularExpression, _ text: ScalarText, in range: Range<Int>, steps: Int) {
    (self.expression, self.text, self.range, self.steps) = (expression, text, range, steps)
  }

  /// The matches, from left to right, none of which overlap; one that is empty does not stand right behind another.
  ///
  /// - Throws: `TooManySteps`.
  mutating func matches() throws(TooManySteps) -> [Range<Int>] {
    var found: [Range<Int>] = []
    var place = range.lowerBound
    while place <= range.upperBound {
      guard let end = try end(of: 0, from: place) else {
        place += 1
        continue
      }
      if end > place || found.last?.upperBound != place { found.append(place..<end) }
      place = end > place ? end : place + 1
    }
    return found
  }

  /// The end of the match that the program from `start` on has at `place`.
  private mutating func end(of start: Int, from begin: Int) throws(TooManySteps) -> Int? {
    var choices: [Choice] = []
    var (instruction, place) = (start, begin)
    while true {
      steps -= 1
      guard steps > 0 else { throw TooManySteps() }
      var isGood = true
      var next = instruction + 1
      switch expression.program[instruction] {
      case .matched: return place
      case .set(let set):
        isGood = place < range.upperBound && holds(set, place)
        place += 1
      case .run(let set, let least, let most, let kind):
        let end = runEnd(set, place, most)
        steps -= end - place
        isGood = end - place >= least
        if isGood, kind == .greedy, end - place > least {
          choices.append(Choice(instruction: next, place: end, least: place + least))
        }
        place = end
      case .split(let first, let second):
        choices.append(Choice(instruction: second, place: place, least: place))
        next = first
      case .jump(let target): next = target
      case .look(let isNegative, let end):
        isGood = try self.end(of: next, from: place) == nil ? isNegative : !isNegative
        next = end
      case .atomic(let end):
        if let found = try self.end(of: next, from: place) { place = found } else { isGood = false }
        next = end
      case .textStart: isGood = place == range.lowerBound || text.scalars[place - 1] == "\n"
      case .textEnd: isGood = place == range.upperBound || text.scalars[place] == "\n"
      case .wordBoundary: isGood = isWord(place - 1) != isWord(place)
      }
      instruction = next
      if isGood { continue }
      guard let choice = choices.popLast() else { return nil }
      (instruction, place) = (choice.instruction, choice.place)
      if choice.least < choice.place {
        place -= 1
        if choice.least < place {
          choices.append(Choice(instruction: choice.instruction, place: place, least: choice.least))
        }
      }
    }
  }

  private func holds(_ set: Int, _ place: Int) -> Bool {
    expression.sets[set].contains(text.scalars[place], text.categories[place])
  }

  private func runEnd(_ set: Int, _ start: Int, _ most: Int) -> Int {
    let limit = most < range.upperBound - start ? start + most : range.upperBound
    let set = expression.sets[set]
    var end = start
    while end < limit, set.contains(text.scalars[end], text.categories[end]) { end += 1 }
    return end
  }

  private func isWord(_ place: Int) -> Bool {
    range.contains(place) && ScalarSet.bareWord.contains(text.scalars[place], text.categories[place])
  }
}
