import PlumbFormats

/// The options of a grade, as a JSON object writes them; `plumbline.h` lists them.
struct GradeOptions {
  /// The tokens of the pass.
  private(set) var tokens: [Int] = []
  private(set) var arithmetic: String?
  private(set) var names: String?
  /// Whether the exact pass from the tokens is left out.
  private(set) var isLocalOnly = false
  /// Whether bugs that would explain a failure are looked for.
  private(set) var diagnoses = true
  /// Whether the page of the report is given, too.
  private(set) var hasPage = false

  /// The options that `members` name.
  ///
  /// - Throws: `BadArgument` that names the key.
  init(_ members: [String: JSONValue]) throws {
    for (key, value) in members.sorted(by: { $0.key < $1.key }) {
      func refuse(_ expected: String) -> BadArgument {
        BadArgument("option '\(key)' is \(value.shown), expected \(expected)")
      }
      func text() throws -> String {
        guard let text = value.text else { throw refuse("a text") }
        return text
      }
      func truth() throws -> Bool {
        guard let truth = value.truth else { throw refuse("true or false") }
        return truth
      }
      switch key {
      case "tokens":
        let numbers = value.elements?.map(\.integer)
        guard let numbers, !numbers.contains(nil) else { throw refuse("an array of whole numbers") }
        tokens = numbers.compactMap { $0 }
      case "arithmetic": arithmetic = try text()
      case "names": names = try text()
      case "localOnly": isLocalOnly = try truth()
      case "diagnose": diagnoses = try truth()
      case "page": hasPage = try truth()
      default:
        throw BadArgument(
          "there is no option '\(key)'; there are arithmetic, diagnose, localOnly, names, page, tokens")
      }
    }
  }
}
