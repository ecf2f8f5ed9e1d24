extension CustomFormula {
  /// Reads `text`.
  ///
  /// - Throws: `FormulaError` that names the column and what is expected there.
  package init(parsing text: String) throws(FormulaError) {
    var parser = try FormulaParser(text)
    self = try parser.formula(text.filter { !$0.isWhitespace })
  }
}

/// A reader of formulas, by recursive descent.
private struct FormulaParser {
  /// The greatest depth of parentheses, so that no text exhausts the stack.
  private static let mostDepth = 64

  /// The most numbers, names and calls in one part, for the same reason.
  private static let mostFactors = 128

  private var scanner: FormulaScanner
  private var depth = 0
  private var factors = 0

  init(_ text: String) throws(FormulaError) { scanner = try FormulaScanner(text) }

  mutating func formula(_ text: String) throws(FormulaError) -> CustomFormula {
    var inputs: [CustomFormula.Input] = []
    repeat {
      let name = try scanner.name("the name of an input, such as x[rows,hidden]")
      guard !inputs.contains(where: { $0.name == name }) else { throw FormulaError("'\(name)' is declared twice") }
      inputs.append(.init(name: name, axes: try axes()))
    } while try scanner.skip(",")
    try scanner.expect(":")
    var parts: [(name: String, expression: FormulaExpression)] = []
    var known = Set(inputs.map(\.name))
    while true {
      factors = 0
      let expression = try sum(known)
      guard try scanner.skip("=") else {
        guard scanner.next == .end else { throw scanner.error("an operator, ';' after a part with a name, or the end") }
        return CustomFormula(text: text, inputs: inputs, parts: parts, result: expression)
      }
      guard case .name(let name) = expression else { throw FormulaError("only a name may stand before '='") }
      guard known.insert(name).inserted else { throw FormulaError("'\(name)' is defined twice") }
      parts.append((name, try sum(known.subtracting([name]))))
      try scanner.expect(";")
    }
  }

  /// The names between brackets.
  private mutating func axes() throws(FormulaError) -> [String] {
    try scanner.expect("[")
    var axes: [String] = []
    if try scanner.skip("]") { return axes }
    repeat {
      let axis = try scanner.name("the name of an axis")
      guard !axes.contains(axis) else { throw FormulaError("a tensor has the axis '\(axis)' twice") }
      axes.append(axis)
    } while try scanner.skip(",")
    try scanner.expect("]")
    return axes
  }

  private mutating func sum(_ known: Set<String>) throws(FormulaError) -> FormulaExpression {
    var left = try product(known)
    while true {
      if try scanner.skip("+") {
        left = .pair(.sum, left, try product(known))
      } else if try scanner.skip("-") {
        left = .pair(.difference, left, try product(known))
      } else {
        return left
      }
    }
  }

  private mutating func product(_ known: Set<String>) throws(FormulaError) -> FormulaExpression {
    var left = try factor(known)
    while true {
      if try scanner.skip("*") {
        left = .pair(.product, left, try factor(known))
      } else if try scanner.skip("/") {
        left = .pair(.quotient, left, try factor(known))
      } else {
        return left
      }
    }
  }

  private mutating func factor(_ known: Set<String>) throws(FormulaError) -> FormulaExpression {
    depth += 1
    defer { depth -= 1 }
    factors += 1
    guard depth <= Self.mostDepth, factors <= Self.mostFactors else {
      throw FormulaError("column \(scanner.column): too much in one part; give some of it names, as in h=x+r;")
    }
    if try scanner.skip("-") { return .negated(try factor(known)) }
    if try scanner.skip("(") {
      let inner = try sum(known)
      try scanner.expect(")")
      return inner
    }
    if case .number(let text) = scanner.next {
      guard let number = FormulaNumber(text) else {
        throw scanner.error("a number in the range of Float64, such as 0.044715 or 1e-6")
      }
      try scanner.advance()
      return .number(number)
    }
    let name = try scanner.name("a number, a name or '('")
    if try scanner.skip("(") { return try call(name, known) }
    // A name that is not known may be that of a part which is defined here.
    guard known.contains(name) || scanner.next == .sign("=") else {
      throw FormulaError("there is no '\(name)'; there are \(known.sorted().joined(separator: ", "))")
    }
    return .name(name)
  }

  /// The call of `name`, up to its closing parenthesis.
  private mutating func call(_ name: String, _ known: Set<String>) throws(FormulaError) -> FormulaExpression {
    if let function = FormulaFunction(rawValue: name) {
      let argument = try sum(known)
      try scanner.expect(")")
      return .function(function, argument)
    }
    if let reduction = FormulaReduction(rawValue: name) {
      return .reduction(reduction, try sum(known), axes: try closingAxes(name))
    }
    switch name {
    case "dot":
      let first = try sum(known)
      try scanner.expect(",")
      let second = try sum(known)
      return .dot(first, second, axes: try closingAxes(name))
    case "permute":
      return .permuted(try sum(known), axes: try closingAxes(name))
    default: return try layer(name, known)
    }
  }

  /// The axes, of which there is at least one, up to the closing parenthesis.
  private mutating func closingAxes(_ name: String) throws(FormulaError) -> [String] {
    var axes: [String] = []
    while try scanner.skip(",") {
      let axis = try scanner.name("the name of an axis")
      guard !axes.contains(axis) else { throw FormulaError("'\(name)' has the axis '\(axis)' twice") }
      axes.append(axis)
    }
    try scanner.expect(")")
    guard !axes.isEmpty else { throw FormulaError("'\(name)' needs the names of axes, as in sum(x,hidden)") }
    return axes
  }

  private mutating func layer(_ name: String, _ known: Set<String>) throws(FormulaError) -> FormulaExpression {
    guard let kind = LayerKind(rawValue: name.replacing("_", with: "-")) else {
      let functions = FormulaFunction.allCases.map(\.rawValue) + FormulaReduction.allCases.map(\.rawValue)
      throw FormulaError(
        "there is no function '\(name)'; there are \(functions.joined(separator: ", ")), dot, permute, and the layers that "
          + "'plumb layer --list' prints, with _ for -")
    }
    var (arguments, attributes): ([FormulaArgument], [String: String]) = ([], [:])
    repeat {
      var expression = try sum(known)
      var argument: String?
      if case .name(let name) = expression, try scanner.skip("=") {
        if let value = try literal(known) {
          guard attributes.updateValue(value, forKey: name) == nil else { throw FormulaError("'\(name)' stands twice") }
          continue
        }
        (argument, expression) = (name, try sum(known))
      }
      arguments.append(FormulaArgument(name: argument, expression: expression))
    } while try scanner.skip(",")
    try scanner.expect(")")
    return .layer(kind, arguments, attributes: attributes)
  }

  /// The value of an attribute, as it is written; `nil` where an expression comes next.
  private mutating func literal(_ known: Set<String>) throws(FormulaError) -> String? {
    let start = scanner
    let isNegative = try scanner.skip("-")
    switch scanner.next {
    case .number(let text):
      try scanner.advance()
      return (isNegative ? "-" : "") + text
    case .name(let name) where !isNegative && !known.contains(String(name)):
      try scanner.advance()
      if scanner.next != .sign("(") { return String(name) }
    default: break
    }
    scanner = start
    return nil
  }
}
