import PlumbLayers

extension ArithmeticModel: CustomStringConvertible {
  /// The models that have a name.
  package static let presets: [(name: String, model: ArithmeticModel)] = [
    ("f32", .f32), ("bf16", .bf16), ("f16", .f16), ("tf32", .tf32),
  ]

  /// The formats of factors that have a word.
  private static let factorFormats: [FloatFormat] = [.bfloat16, .float16, .tensorFloat32, .e4m3, .e5m2]

  /// The words that may be written, for people.
  package static let grammar =
    "\(presets.map(\.name).joined(separator: ", ")), each followed by any of ,flush-to-zero ,order=any ,order=sequence ,order=N-lanes "
    + ",order=tree ,order=blocks-of-N ,splits=N ,tile=N ,partials=f32|bf16|f16 ,sums=bf16|f16 "
    + ",unit=\(MatrixUnit.allCases.map(\.rawValue).joined(separator: "|")) "
    + ",factors=\(factorFormats.map(\.name).joined(separator: "|")) "
    + ",activations=\(QuantisedActivations.allCases.map(\.rawValue).joined(separator: "|")) "
    + ",fused ,unfused ,replayed ,faithful ,elementary=ULPS ,tables=f32 ,tables=bf16 ,tables=f16 ,steps=kept|stored "
    + ",functions=\(FunctionLibrary.allCases.map(\.rawValue).joined(separator: "|")) "
    + ",formula=\(FormulaName.allCases.map(\.rawValue).joined(separator: "|")), several with + between"

  /// The words of `grammar` in short, for the help of an option.
  package static let shortGrammar =
    "\(presets.map(\.name).joined(separator: ", ")), each followed by options, such as bf16,unit=h100 or f32,order=16-lanes; "
    + "'plumb explain arithmetic' lists all"

  /// The model that `text` names: `f32`, `bf16,flush-to-zero`, `f32,order=16-lanes,unfused`, `f32,elementary=1`.
  ///
  /// - Throws: `ArithmeticError` that lists what may be written.
  package init(parsing text: String) throws(ArithmeticError) {
    let words = text.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    guard let preset = Self.presets.first(where: { $0.name == words[0] }) else {
      let problem = "there is no arithmetic '\(words[0])'"
      if let meant = Self.meant(by: words[0]) { throw ArithmeticError(problem: "\(problem): did you mean '\(meant)'?") }
      throw ArithmeticError(problem: "\(problem); there are \(Self.grammar)")
    }
    self = preset.model
    var taken: [Substring: String] = [:]
    for word in words.dropFirst() {
      // 'fused' and 'unfused', any two of 'order=', 'functions=' and 'elementary=' are about one thing.
      let name = word.prefix { $0 != "=" }
      let subject = word == "unfused" ? "fused" : name == "functions" ? "elementary" : name
      if let other = taken.updateValue(word, forKey: subject) {
        throw ArithmeticError(problem: "'\(other)' and '\(word)' are about one thing: give one of them")
      }
      guard take(word) else {
        throw ArithmeticError(problem: "'\(word)' says nothing about an arithmetic; there are \(Self.grammar)")
      }
    }
    if splits == 1, words.contains(where: { $0.hasPrefix("partials=") }) {
      throw ArithmeticError(problem: "'partials=' is about the sums of parts: give 'splits=' too")
    }
    if tile != nil, !formulas.isSuperset(of: FormulaNames([.online])) {
      throw ArithmeticError(problem: "'tile=' is about an online softmax: give 'formula=online' too")
    }
    if let matrixUnit { try check(matrixUnit) }
    if let activations { try check(activations, words) }
    if replaysSums { try checkReplay(words) }
  }

  /// The preset that another name of its format means; `nil` where there is none.
  private static func meant(by name: String) -> String? {
    switch name.lowercased() {
    case "float32", "fp32", "float", "single", "torch.float32": "f32"
    case "float16", "fp16", "half", "torch.float16": "f16"
    case "bfloat16", "torch.bfloat16", "bf-16": "bf16"
    case "tensorfloat32", "tf-32": "tf32"
    default: presets.map(\.name).first { $0 == name.lowercased() }
    }
  }

  /// Throws where another of `words` says otherwise of products than that their inputs are quantised so.
  private func check(_ activations: QuantisedActivations, _ words: [String]) throws(ArithmeticError) {
    let name = "activations=\(activations.rawValue)"
    func isLanes() -> Bool { if case .lanes = order { activations.isInteger } else { order == .any } }
    let others = ["unit=", "sums=", "splits=", "faithful", "steps=kept"]
    let isOther = { (word: String) in others.contains { word.hasPrefix($0) } }
    let library = functions?.divisionUlps == nil ? nil : functions.map { "functions=\($0.rawValue)" }
    if let word = words.first(where: isOther) ?? library {
      throw ArithmeticError(problem: "'\(name)' and '\(word)' are not bounded together: give one of them")
    }
    guard isLanes() else {
      throw ArithmeticError(
        problem: activations.isInteger
          ? "'\(name)' adds whole blocks: give 'order=any', 'order=sequence' or 'order=N-lanes'"
          : "'\(name)' is bounded in any order alone: leave out 'order='")
    }
  }

  /// Throws where `unit` does not multiply the model's factors, or another word contradicts it.
  private func check(_ unit: MatrixUnit) throws(ArithmeticError) {
    let name = "unit=\(unit.rawValue)"
    func names(_ formats: [FloatFormat]) -> String { formats.map(\.name).joined(separator: " or ") }
    guard unit.formats.contains(operands) else {
      throw ArithmeticError(
        problem: "'\(name)' multiplies numbers of \(names(unit.formats)), and factors are \(operands.name): give "
          + "another arithmetic or 'factors=' one of these")
    }
    if order != .any && order != .lanes(1) {
      throw ArithmeticError(problem: "'\(name)' adds in blocks of its own: give 'order=any' or 'order=sequence'")
    }
    if unit.promotion != nil && splits > 1 {
      throw ArithmeticError(problem: "'\(name)' and 'splits=' are not bounded together: give one of them")
    }
    if let sums, sums != .float16 || unit.promotion != nil || !unit.writesHalves(of: operands) {
      throw ArithmeticError(
        problem:
          "'\(name)' and 'sums=\(sums.name)' are about one thing: 'sums=f16' fits units of NVIDIA's without promotion")
    }
  }

  /// Takes one option; false where there is no such option.
  private mutating func take(_ word: String) -> Bool {
    switch word {
    case "flush-to-zero": flushesToZero = true
    case "fused": mayFuse = true
    case "unfused": mayFuse = false
    case "replayed": replaysSums = true
    case "faithful": isFaithful = true
    case "order=any": order = .any
    case "order=sequence": order = .lanes(1)
    case "order=tree": order = .tree
    case "sums=bf16": sums = .bfloat16
    case "sums=f16": sums = .float16
    case "partials=f32": partials = accumulation == .float32 ? nil : .float32
    case "partials=bf16": partials = .bfloat16
    case "partials=f16": partials = .float16
    case "steps=kept": steps = .kept
    case "steps=stored": steps = .stored
    case "tables=f32": tables = .float32
    case "tables=bf16": tables = .bfloat16
    case "tables=f16": tables = .float16
    default:
      if word.hasPrefix("unit=") {
        guard let unit = MatrixUnit(rawValue: String(word.dropFirst("unit=".count))) else { return false }
        matrixUnit = unit
      } else if word.hasPrefix("factors=") {
        guard let format = Self.factorFormats.first(where: { $0.name == word.dropFirst("factors=".count) }) else {
          return false
        }
        factors = format
      } else if word.hasPrefix("activations=") {
        guard let quantiser = QuantisedActivations(rawValue: String(word.dropFirst("activations=".count))) else {
          return false
        }
        activations = quantiser
      } else if word.hasPrefix("elementary=") {
        guard let ulps = Double(word.dropFirst("elementary=".count)), (0.5...1_000_000).contains(ulps) else {
          return false
        }
        elementaryUlps = ulps
      } else if word.hasPrefix("functions=") {
        guard let library = FunctionLibrary(rawValue: String(word.dropFirst("functions=".count))) else { return false }
        functions = library
        if library.flushesToZero { flushesToZero = true }
      } else if word.hasPrefix("formula=") {
        let names = word.dropFirst("formula=".count).split(separator: "+", omittingEmptySubsequences: false)
          .map { FormulaName(rawValue: String($0)) }
        guard !names.contains(nil) else { return false }
        formulas = FormulaNames(names.compactMap { $0 })
      } else if let parts = Self.count(in: word, after: "splits=") {
        splits = parts
      } else if let keys = Self.count(in: word, after: "tile=") {
        tile = keys
      } else if let size = Self.count(in: word, after: "order=blocks-of-") {
        order = .blocks(size)
      } else {
        let count = word.hasSuffix("-lanes") ? word.dropLast(6) : word.hasSuffix("-lane") ? word.dropLast(5) : ""
        guard count.hasPrefix("order="), let lanes = Int(count.dropFirst(6)), (1...1 << 20).contains(lanes) else {
          return false
        }
        order = .lanes(lanes)
      }
    }
    return true
  }

  /// The whole number behind `prefix`; `nil` where `word` has no such.
  private static func count(in word: String, after prefix: String) -> Int? {
    guard word.hasPrefix(prefix), let count = Int(word.dropFirst(prefix.count)), 1...1 << 20 ~= count else {
      return nil
    }
    return count
  }

  /// The text that names this model: the nearest preset, and what differs from it.
  package var description: String {
    let presets = Self.presets.filter { $0.model.storage == storage && $0.model.accumulation == accumulation }
    let preset = presets.first { $0.model.factors == factors } ?? presets.first
    var words = [preset?.name ?? "\(storage.name) in \(accumulation.name)"]
    if let unit = matrixUnit { words.append("unit=\(unit.rawValue)") }
    if let factors, factors != preset?.model.factors { words.append("factors=\(factors.name)") }
    if let activations { words.append("activations=\(activations.rawValue)") }
    if flushesToZero && functions?.flushesToZero != true { words.append("flush-to-zero") }
    switch order {
    case .any: break
    case .lanes(let count): words.append(count == 1 ? "order=sequence" : "order=\(count)-lanes")
    case .tree: words.append("order=tree")
    case .blocks(let size): words.append("order=blocks-of-\(size)")
    }
    if splits != 1 { words.append("splits=\(splits)") }
    if let tile { words.append("tile=\(tile)") }
    if let partials { words.append("partials=\(partials.name)") }
    if let sums { words.append("sums=\(sums.name)") }
    if !mayFuse { words.append("unfused") }
    if alwaysFuses { words.append("fused") }
    if replaysSums { words.append("replayed") }
    if isFaithful { words.append("faithful") }
    if tables != storage { words.append("tables=\(tables.name)") }
    if steps != .perhaps { words.append("steps=\(steps == .kept ? "kept" : "stored")") }
    if !formulas.isEmpty { words.append("formula=\(formulasText("+"))") }
    if let functions { words.append("functions=\(functions.rawValue)") }
    if elementaryUlps != 4 { words.append("elementary=\(ulpsText)") }
    return words.joined(separator: ",")
  }

  /// A summary of what the model allows, in words.
  package var summary: String {
    let order =
      switch order {
      case .any: "in any order"
      case .lanes(1): "in sequence"
      case .lanes(let count): "in \(count) lanes"
      case .tree: "in halves"
      case .blocks(let size): "in blocks of \(size)"
      }
    var parts = ["\(storage.name) tensors", "computed in \(accumulation.name)"]
    if let factors { parts.append("factors of matrix products in \(factors.name)") }
    if let unit = matrixUnit { parts.append("matrix products given unit \(unit.rawValue), as found by \(unit.source)") }
    if let activations { parts.append("inputs of products with weights quantised as \(activations.rawValue)") }
    if tables != storage { parts.append("tables in \(tables.name)") }
    let split = splits == 1 ? "" : " of each of \(splits) parts" + (partials.map { ", stored in \($0.name)" } ?? "")
    if let sums { parts.append("every partial sum in \(sums.name)") }
    parts.append("sums \(order)\(split), \(fusing)")
    parts.append(
      functions.map { "elementary functions as '\($0.rawValue)' has them" }
        ?? "elementary functions within \(ulpsText) ulps")
    if isFaithful { parts.append("results cut or rounded") }
    switch steps {
    case .perhaps: break
    case .kept: parts.append("nothing stored between steps")
    case .stored: parts.append("every step stored, and exact values those of the formula with these roundings")
    }
    if !formulas.isEmpty { parts.append("formulas \(formulasText(" or "))") }
    if let tile { parts.append("keys in tiles of \(tile)") }
    parts.append(flushesToZero ? "subnormal numbers may be 0" : "subnormal numbers kept")
    return parts.joined(separator: ", ")
  }

  /// The formulas that are named, in the order in which they are listed.
  private func formulasText(_ separator: String) -> String {
    formulas.names.map(\.rawValue).joined(separator: separator)
  }

  private var ulpsText: String {
    elementaryUlps == elementaryUlps.rounded() ? "\(Int(elementaryUlps))" : "\(elementaryUlps)"
  }
}
