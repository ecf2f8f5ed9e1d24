import PlumbCases
import PlumbFormats
import PlumbFuzzing
import PlumbModel
import PlumbVerdicts

/// The options of what is drawn and of a run, from a JSON object.
struct Options {
  /// The most cases of a run.
  private static let mostCases = 1 << 40

  let arithmetic: Arithmetic
  private(set) var cases = 1000
  private(set) var seed: UInt64 = 0
  private(set) var turns = Turns("all")
  private(set) var objective = Objective.margin
  private(set) var shape: [String: Int] = [:]
  private(set) var shrinkingTime = Duration.seconds(30)

  /// The options that the caller's text holds, for cases of `layer`.
  ///
  /// - Throws: `BadArgument` that names the key; `NotProved`.
  init(_ pointer: UnsafePointer<CChar>?, for layer: LayerKind) throws {
    let members = try unsafe members(pointer, "options")
    func refuse(_ key: String, _ expected: String) -> BadArgument {
      BadArgument("option '\(key)' is \(members[key]?.shown ?? "null"), expected \(expected)")
    }
    var name = "f32"
    for (key, value) in members.sorted(by: { $0.key < $1.key }) {
      switch key {
      case "arithmetic":
        guard let text = value.text else { throw refuse(key, "a text such as \"bf16\"") }
        name = text
      case "cases":
        guard let count = value.integer, 1...Self.mostCases ~= count else { throw refuse(key, "a whole number from 1") }
        cases = count
      case "seed":
        // Greater numbers are not read exactly, but from a text.
        let number = value.integer.flatMap { 0...1 << 53 ~= $0 ? UInt64($0) : nil } ?? value.text.flatMap { UInt64($0) }
        guard let number else { throw refuse(key, "a whole number from 0 to 2^53, or a text of one below 2^64") }
        seed = number
      case "strategy":
        guard let chosen = value.text.flatMap({ Turns($0) }) else {
          throw refuse(key, "one of \(Turns.names.joined(separator: ", "))")
        }
        turns = chosen
      case "objective":
        guard let chosen = value.text.flatMap({ Objective(rawValue: $0) }) else { throw refuse(key, "margin or ulps") }
        objective = chosen
      case "shape":
        guard case .object(let extents) = value else { throw refuse(key, "an object such as {\"columns\": 64}") }
        shape = try FixedShape(
          extents.mapValues { extent in
            guard let extent = extent.integer else { throw refuse(key, "whole numbers") }
            return extent
          }, of: [layer]
        ).extents
      case "shrinkingTime":
        guard case .number(let seconds) = value, seconds >= 0, seconds <= 86_400 else {
          throw refuse(key, "a number of seconds from 0 to 86400")
        }
        shrinkingTime = .seconds(seconds)
      default:
        throw BadArgument(
          "there is no option '\(key)'; there are arithmetic, cases, objective, seed, shape, shrinkingTime, strategy")
      }
    }
    arithmetic = try PlumbCInterface.arithmetic(name, for: layer)
  }
}
