import PlumbTolerance

/// The order in which a sum's terms are added, as a tree.
indirect enum SummationTree: Equatable {
  case term(Int)
  /// Parts that are added at once: two in Float32, more in a matrix unit.
  case sum([SummationTree])

  /// The terms of `places`, one after the other.
  static func sequence(_ places: [Int]) -> SummationTree {
    places.dropFirst().reduce(.term(places[0])) { .sum([$0, .term($1)]) }
  }

  /// The halves of `parts`, and so on; the first has the odd one.
  static func halves(_ parts: [SummationTree]) -> SummationTree {
    if parts.count == 1 { return parts[0] }
    let middle = (parts.count + 1) / 2
    return .sum([halves(Array(parts[..<middle])), halves(Array(parts[middle...]))])
  }

  /// Each part with its neighbour, then each pair with its neighbour, and so on.
  static func neighbours(_ parts: [SummationTree]) -> SummationTree {
    if parts.count == 1 { return parts[0] }
    return neighbours(
      stride(from: 0, to: parts.count, by: 2).map { place in
        place + 1 < parts.count ? .sum([parts[place], parts[place + 1]]) : parts[place]
      })
  }

  /// Each part with the one half of them farther on, and so on.
  static func distant(_ parts: [SummationTree]) -> SummationTree {
    if parts.count == 1 { return parts[0] }
    let middle = (parts.count + 1) / 2
    return distant(
      (0..<middle).map { place in
        place + middle < parts.count ? .sum([parts[place], parts[place + middle]]) : parts[place]
      })
  }

  /// Blocks of `size` neighbouring terms, each added at once to the sum so far.
  static func fused(_ count: Int, size: Int) -> SummationTree {
    var sum: [SummationTree] = []
    for first in stride(from: 0, to: count, by: size) {
      sum = [.sum(sum + (first..<min(first + size, count)).map { .term($0) })]
    }
    return sum[0]
  }

  /// The terms.
  private var terms: [Int] {
    switch self {
    case .term(let term): [term]
    case .sum(let parts): parts.flatMap(\.terms)
    }
  }

  /// The number of terms in the least part that has both, for each two of `count` terms.
  func meetings(_ count: Int) -> TermMeetings {
    var meetings = TermMeetings(count)
    fill(&meetings)
    return meetings
  }

  private func fill(_ meetings: inout TermMeetings) {
    guard case .sum(let parts) = self else { return }
    let groups = parts.map(\.terms)
    let size = groups.reduce(0) { $0 + $1.count }
    for (index, group) in groups.enumerated() {
      for other in groups[(index + 1)...] {
        for first in group { for second in other { meetings[first, second] = size } }
      }
    }
    for part in parts { part.fill(&meetings) }
  }
}

extension SummationTree: CustomStringConvertible {
  /// The tree of which two terms meet as `meetings` say; `nil` where no tree has such.
  init?(_ meetings: TermMeetings) {
    guard let tree = Self.tree(Array(0..<meetings.count), meetings), tree.meetings(meetings.count) == meetings else {
      return nil
    }
    self = tree
  }

  /// Terms that meet before all do are parts of one part.
  private static func tree(_ terms: [Int], _ meetings: TermMeetings) -> SummationTree? {
    if terms.count == 1 { return .term(terms[0]) }
    var groups: [[Int]] = []
    for term in terms {
      if let group = groups.firstIndex(where: { meetings[$0[0], term] < terms.count }) {
        groups[group].append(term)
      } else {
        groups.append([term])
      }
    }
    guard groups.count > 1 else { return nil }
    let parts = groups.compactMap { tree($0, meetings) }
    return parts.count == groups.count ? .sum(parts) : nil
  }

  /// The sum in parentheses; a run of terms that are added one after the other by its ends, as in `0,2…14`.
  var description: String {
    switch self {
    case .term(let term): "\(term)"
    case .sum(let parts): run ?? "(" + parts.map(\.description).joined(separator: " + ") + ")"
    }
  }

  /// The text of at least three terms, each as far from the last as all are.
  private var run: String? {
    var (chain, rest): ([Int], SummationTree) = ([], self)
    while case .sum(let parts) = rest, parts.count == 2, case .term(let last) = parts[1] {
      chain.append(last)
      rest = parts[0]
    }
    guard case .term(let first) = rest, chain.count > 1, let second = chain.last, second > first else { return nil }
    let places = [first] + chain.reversed()
    guard zip(places, places.dropFirst()).allSatisfy({ $1 - $0 == second - first }) else { return nil }
    return second - first == 1 ? "\(first)…\(chain[0])" : "\(first),\(second)…\(chain[0])"
  }
}

/// The number of terms in the first partial sum that has two terms, for each two of a sum's terms.
struct TermMeetings: Equatable {
  let count: Int
  private var sizes: [Int]

  init(_ count: Int) {
    self.count = count
    sizes = [Int](repeating: 0, count: count * count)
  }

  subscript(_ first: Int, _ second: Int) -> Int {
    get { sizes[first * count + second] }
    set { (sizes[first * count + second], sizes[second * count + first]) = (newValue, newValue) }
  }

  /// Whether no two terms lose another between them: an exact sum, or one with far more bits than Float32.
  var losesNothing: Bool { (0..<count).allSatisfy { first in (0..<first).allSatisfy { self[first, $0] == 2 } } }
}
