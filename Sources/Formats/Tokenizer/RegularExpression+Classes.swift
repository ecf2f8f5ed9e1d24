extension RegularExpressionParser {
  /// The set in brackets, of which the first has been read.
  mutating func classSet() throws(Fault) -> ScalarSet {
    brackets += 1
    defer { brackets -= 1 }
    guard brackets <= Self.greatestDepth else { throw Fault(reason: "its brackets are nested too deep") }
    let isComplement = take("^")
    var (parts, conditions) = ([ScalarSet](), [[ScalarSet]]())
    var isFirst = true
    while isFirst || peek() != "]" {
      defer { isFirst = false }
      if take("&&") {
        conditions.append(parts)
        parts = []
        continue
      }
      parts.append(try classPart(isFirst: isFirst))
    }
    place += 1
    // The outermost looks at both cases of a letter, for all within it.
    return ScalarSet(
      parts: parts, conditions: conditions.map { ScalarSet(parts: $0) }, isComplement: isComplement,
      ignoresCase: ignoresCase && brackets == 1)
  }

  /// A set, a scalar or a range of scalars in brackets.
  private mutating func classPart(isFirst: Bool) throws(Fault) -> ScalarSet {
    if take("[:") { return try bracketClass() }
    if take("[") { return try classSet() }
    guard let first = try classScalar() else { return try escapedSet() }
    guard peek() == "-", let next = peek(1), next != "]" else { return .one(first) }
    place += 1
    guard let last = try classScalar(), first.value <= last.value else {
      throw Fault(reason: "it has a range that is none")
    }
    return ScalarSet(ranges: [first.value...last.value])
  }

  /// A scalar in brackets; `nil` behind the backslash of a set.
  private mutating func classScalar() throws(Fault) -> Unicode.Scalar? {
    if take("\\") { return try escapedScalar() }
    guard let scalar = peek() else { throw Fault(reason: "a bracket is not closed") }
    place += 1
    return scalar
  }

  /// The scalar that a backslash makes of what stands here; `nil` where that is a set.
  private mutating func escapedScalar() throws(Fault) -> Unicode.Scalar? {
    guard let scalar = peek() else { throw Fault(reason: "it ends in a backslash") }
    let controls: [Unicode.Scalar: Unicode.Scalar] = [
      "n": "\n", "r": "\r", "t": "\t", "f": "\u{c}", "v": "\u{b}", "a": "\u{7}", "e": "\u{1b}", "0": "\0",
    ]
    if let control = controls[scalar] {
      place += 1
      return control
    }
    if scalar == "x" || scalar == "u" {
      place += 1
      return try numbered(scalar == "x" ? 2 : 4)
    }
    let isLetter = scalar.properties.isAlphabetic || 48...57 ~= scalar.value
    if !isLetter { place += 1 }
    return isLetter ? nil : scalar
  }

  /// The scalar of the `digits` hexadecimal digits that stand here, or of those in braces.
  private mutating func numbered(_ digits: Int) throws(Fault) -> Unicode.Scalar {
    var written = ""
    if take("{") {
      while let scalar = peek(), scalar != "}", written.count < 8 {
        written.unicodeScalars.append(scalar)
        place += 1
      }
      guard take("}") else { throw Fault(reason: "it has a brace that is not closed") }
    } else {
      while written.count < digits, let scalar = peek() {
        written.unicodeScalars.append(scalar)
        place += 1
      }
    }
    guard let value = UInt32(written, radix: 16), let scalar = Unicode.Scalar(value) else {
      throw Fault(reason: "\(ModelError.quoted(written)) is the number of no character")
    }
    return scalar
  }

  /// The set that a backslash makes of what stands here: of one scalar, or of a class.
  mutating func escapedSet() throws(Fault) -> ScalarSet {
    if let scalar = try escapedScalar() { return .one(scalar, ignoringCase: ignoresCase && brackets == 0) }
    guard let letter = peek() else { throw Fault(reason: "it ends in a backslash") }
    place += 1
    func set(_ set: ScalarSet, _ isComplement: Bool) -> ScalarSet {
      ScalarSet(parts: [set], isComplement: isComplement)
    }
    switch letter {
    case "s", "S": return set(.space, letter == "S")
    case "d", "D": return set(.digit, letter == "D")
    case "w", "W": return set(.word, letter == "W")
    case "h":
      return ScalarSet(ranges: [0x30...0x39, 0x41...0x46, 0x61...0x66])
    case "p", "P":
      var name = ""
      if take("{") {
        while let scalar = peek(), scalar != "}" {
          name.unicodeScalars.append(scalar)
          place += 1
        }
        guard take("}") else { throw Fault(reason: "it has a brace that is not closed") }
      } else if let scalar = peek() {
        name.unicodeScalars.append(scalar)
        place += 1
      }
      let isNegated = name.hasPrefix("^")
      return set(try property(isNegated ? String(name.dropFirst()) : name), (letter == "P") != isNegated)
    default: throw Fault(reason: "'\\\(letter)' is not known")
    }
  }

  /// The set that `\p{name}` names: categories, or a script.
  private func property(_ name: String) throws(Fault) -> ScalarSet {
    let bits = ScalarCategory.bits(named: name)
    if bits != 0 { return ScalarSet(categories: bits) }
    let script = ["Script=", "sc=", "Is"].first { name.hasPrefix($0) }.map { String(name.dropFirst($0.count)) } ?? name
    guard let set = ScalarSet.script(script) else {
      throw Fault(reason: "the class \(ModelError.quoted(name)) is not known")
    }
    return set
  }

  /// A class such as `[:punct:]`, of which `[:` has been read.
  private mutating func bracketClass() throws(Fault) -> ScalarSet {
    let known: [(String, ScalarSet)] = [
      ("space", .space), ("digit", .digit), ("word", .word),
      ("punct", ScalarSet(categories: ScalarCategory.bits(named: "P") | ScalarCategory.bits(named: "S"))),
    ]
    for (name, set) in known where take("\(name):]") { return set }
    throw Fault(reason: "it has a class in colons that is not known")
  }
}
