/// The reader of a regular expression's text.
struct RegularExpressionParser {
  /// The reason why a text is no regular expression that can be run here.
  struct Fault: Error { let reason: String }

  /// A part of an expression.
  indirect enum Node {
    case set(ScalarSet)
    case sequence([Node])
    case alternatives([Node])
    case repeated(Node, Repetition)
    case look(Node, isNegative: Bool)
    case atomic(Node)
    case textStart, textEnd, wordBoundary

    /// Whether it may match nothing at all.
    var mayBeEmpty: Bool {
      switch self {
      case .set: false
      case .sequence(let parts): parts.allSatisfy(\.mayBeEmpty)
      case .alternatives(let parts): parts.contains(where: \.mayBeEmpty)
      case .repeated(let part, let repetition): repetition.least == 0 || part.mayBeEmpty
      case .atomic(let part): part.mayBeEmpty
      case .look, .textStart, .textEnd, .wordBoundary: true
      }
    }
  }

  /// How often a part is repeated, and which number of times is tried first.
  struct Repetition {
    enum Kind { case greedy, lazy, possessive }

    var least: Int
    var most: Int?
    var kind = Kind.greedy
  }

  /// The greatest depth of groups and the greatest count of a repetition.
  static let (greatestDepth, greatestCount) = (64, 1024)

  let text: [Unicode.Scalar]
  var place = 0
  var ignoresCase = false
  private var depth = 0
  /// The number of brackets that are open.
  var brackets = 0

  init(_ text: String) { self.text = Array(text.unicodeScalars) }

  /// The whole expression.
  mutating func parse() throws(Fault) -> Node {
    let node = try alternatives()
    guard place == text.count else { throw Fault(reason: "it closes a group that is not open") }
    return node
  }

  func peek(_ offset: Int = 0) -> Unicode.Scalar? { place + offset < text.count ? text[place + offset] : nil }

  /// Goes behind `expected` where it stands here.
  mutating func take(_ expected: String) -> Bool {
    let scalars = Array(expected.unicodeScalars)
    guard place + scalars.count <= text.count, Array(text[place..<place + scalars.count]) == scalars else {
      return false
    }
    place += scalars.count
    return true
  }

  private mutating func alternatives() throws(Fault) -> Node {
    depth += 1
    guard depth <= Self.greatestDepth else { throw Fault(reason: "its groups are nested too deep") }
    let outside = ignoresCase
    var all: [Node] = []
    repeat { all.append(try sequence()) } while take("|")
    ignoresCase = outside
    depth -= 1
    return all.count == 1 ? all[0] : .alternatives(all)
  }

  private mutating func sequence() throws(Fault) -> Node {
    var parts: [Node] = []
    while let scalar = peek(), scalar != "|", scalar != ")" {
      // An option without a group holds to the end of the group around it.
      if take("(?i)") {
        ignoresCase = true
        continue
      }
      parts.append(try repeated(try atom()))
    }
    return parts.count == 1 ? parts[0] : .sequence(parts)
  }

  private mutating func atom() throws(Fault) -> Node {
    if take("(") { return try group() }
    if take("[") { return .set(try classSet()) }
    if take("\\") { return try escape() }
    if take(".") { return .set(.anyButLineEnd) }
    if take("^") { return .textStart }
    if take("$") { return .textEnd }
    guard let scalar = peek(), !"*+?".unicodeScalars.contains(scalar) else { throw Fault(reason: "it repeats nothing") }
    place += 1
    return .set(.one(scalar, ignoringCase: ignoresCase))
  }

  private mutating func group() throws(Fault) -> Node {
    let outside = ignoresCase
    defer { ignoresCase = outside }
    var wrap: (Node) -> Node = { $0 }
    if take("?=") {
      wrap = { .look($0, isNegative: false) }
    } else if take("?!") {
      wrap = { .look($0, isNegative: true) }
    } else if take("?>") {
      wrap = { .atomic($0) }
    } else if take("?i:") {
      ignoresCase = true
    } else if take("?-i:") {
      ignoresCase = false
    } else if !take("?:"), peek() == "?" {
      throw Fault(reason: "it has a group that begins with '(?\(peek(1).map(String.init) ?? "")'")
    }
    let node = try alternatives()
    guard take(")") else { throw Fault(reason: "a group is not closed") }
    return wrap(node)
  }

  private mutating func escape() throws(Fault) -> Node {
    if take("b") { return .wordBoundary }
    if take("A") { return .textStart }
    if take("z") || take("Z") { return .textEnd }
    if take("w") { return .set(.bareWord) }
    if take("W") { return .set(ScalarSet(parts: [.bareWord], isComplement: true)) }
    return .set(try escapedSet())
  }

  private mutating func repeated(_ node: Node) throws(Fault) -> Node {
    var node = node
    while var repetition = try repetition() {
      switch node {
      case .look, .textStart, .textEnd, .wordBoundary: throw Fault(reason: "it repeats what takes up no room")
      default: break
      }
      // Written out, what is empty takes no room, and so would never be too long.
      if repetition.most != 1, node.mayBeEmpty { throw Fault(reason: "it repeats what may be empty") }
      let isCounted = text[place - 1] == "}"
      if take("?") {
        repetition.kind = .lazy
      } else if !isCounted, take("+") {
        // Behind a count, a plus sign repeats what was counted.
        repetition.kind = .possessive
      }
      node = .repeated(node, repetition)
    }
    return node
  }

  private mutating func repetition() throws(Fault) -> Repetition? {
    if take("*") { return Repetition(least: 0) }
    if take("+") { return Repetition(least: 1) }
    if take("?") { return Repetition(least: 0, most: 1) }
    let start = place
    guard take("{") else { return nil }
    let least = number()
    let isRange = take(",")
    let most = isRange ? number() : least
    guard take("}"), least != nil || most != nil else {
      // A brace that counts nothing stands for itself.
      place = start
      return nil
    }
    let repetition = Repetition(least: least ?? 0, most: most)
    guard max(repetition.least, most ?? 0) <= Self.greatestCount, repetition.least <= most ?? .max else {
      throw Fault(reason: "it counts to more than \(Self.greatestCount), or backwards")
    }
    return repetition
  }

  private mutating func number() -> Int? {
    var value: Int?
    while let digit = peek()?.properties.numericType == .decimal ? peek()?.value : nil, 48...57 ~= digit {
      // Greater ones are refused, whatever they are.
      value = min((value ?? 0) * 10 + Int(digit - 48), 1 << 20)
      place += 1
    }
    return value
  }
}
