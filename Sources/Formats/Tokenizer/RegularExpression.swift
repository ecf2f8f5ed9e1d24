/// A regular expression of the kind that cuts texts into pieces, run as Oniguruma runs it, which huggingface/tokenizers uses: of the
/// leftmost matches the one that is found first, alternatives in their order.
///
/// Known are classes by category, script, range and intersection, alternatives, groups, look-ahead, atomic groups, repetitions that
/// are greedy, lazy or possessive, anchors, word boundaries and `(?i)`, which does not take a letter for the several of its other case (`ß`); everything else is refused. Matching is by backtracking over
/// instructions, whose number in one text is bounded, so that no text can hold a program up.
struct RegularExpression: Sendable {
  /// One instruction of a program.
  enum Instruction {
    /// One scalar of this set.
    case set(Int)
    /// A run of scalars of this set, `least` to `most` of them.
    case run(Int, least: Int, most: Int, kind: RegularExpressionParser.Repetition.Kind)
    /// Goes on at one place, or where that leads to no match at the other.
    case split(Int, Int)
    case jump(Int)
    /// The instructions up to `end` match here, or do not; nothing is taken.
    case look(isNegative: Bool, end: Int)
    /// The instructions up to `end`, as they first match.
    case atomic(end: Int)
    case textStart, textEnd, wordBoundary
    case matched
  }

  /// The most instructions of a program: a repetition by count is written out.
  private static let greatestProgram = 1 << 14

  /// The text of it.
  let pattern: String
  private(set) var program: [Instruction] = []
  private(set) var sets: [ScalarSet] = []

  /// Reads `pattern`.
  ///
  /// - Throws: `RegularExpressionParser.Fault` where it is none, or one that is not known here.
  init(_ pattern: String) throws(RegularExpressionParser.Fault) {
    self.pattern = pattern
    var parser = RegularExpressionParser(pattern)
    try compile(try parser.parse())
    program.append(.matched)
  }

  /// The expression that matches the scalars of `text` themselves.
  init(literal text: String) {
    pattern = text
    for scalar in text.unicodeScalars { append(.one(scalar)) }
    program.append(.matched)
  }

  private mutating func append(_ set: ScalarSet) {
    program.append(.set(sets.count))
    sets.append(set)
  }

  private mutating func compile(_ node: RegularExpressionParser.Node) throws(RegularExpressionParser.Fault) {
    guard program.count < Self.greatestProgram else { throw .init(reason: "it is too long") }
    switch node {
    case .set(let set): append(set)
    case .sequence(let parts): for part in parts { try compile(part) }
    case .alternatives(let parts):
      var ends: [Int] = []
      for part in parts.dropLast() {
        let split = reserve()
        try compile(part)
        ends.append(reserve())
        program[split] = .split(split + 1, program.count)
      }
      if let last = parts.last { try compile(last) }
      for end in ends { program[end] = .jump(program.count) }
    case .repeated(.set(let set), let repetition) where repetition.kind != .lazy:
      program.append(
        .run(sets.count, least: repetition.least, most: repetition.most ?? .max, kind: repetition.kind))
      sets.append(set)
    case .repeated(let part, let repetition): try compile(part, repetition)
    case .look(let part, let isNegative):
      let place = reserve()
      try compile(part)
      program.append(.matched)
      program[place] = .look(isNegative: isNegative, end: program.count)
    case .atomic(let part):
      let place = reserve()
      try compile(part)
      program.append(.matched)
      program[place] = .atomic(end: program.count)
    case .textStart: program.append(.textStart)
    case .textEnd: program.append(.textEnd)
    case .wordBoundary: program.append(.wordBoundary)
    }
  }

  private mutating func compile(
    _ part: RegularExpressionParser.Node, _ repetition: RegularExpressionParser.Repetition
  ) throws(RegularExpressionParser.Fault) {
    var repetition = repetition
    if repetition.kind == .possessive {
      repetition.kind = .greedy
      return try compile(.atomic(.repeated(part, repetition)))
    }
    for _ in 0..<repetition.least { try compile(part) }
    func split(_ inside: Int, _ behind: Int) -> Instruction {
      repetition.kind == .lazy ? .split(behind, inside) : .split(inside, behind)
    }
    guard let most = repetition.most else {
      let start = reserve()
      try compile(part)
      program.append(.jump(start))
      program[start] = split(start + 1, program.count)
      return
    }
    var splits: [Int] = []
    for _ in repetition.least..<most {
      splits.append(reserve())
      try compile(part)
    }
    for place in splits { program[place] = split(place + 1, program.count) }
  }

  /// The place of an instruction that is put there later.
  private mutating func reserve() -> Int {
    program.append(.matched)
    return program.count - 1
  }
}
