import PlumbCases
import PlumbFormats
import PlumbModel
import PlumbTolerance
import PlumbVerdicts

/// The options of what is drawn and of a run, as a JSON object writes them: of the C interface, and of a folder of cases.
package struct RunOptions: Sendable {
  /// The most cases of a run.
  private static let mostCases = 1 << 40

  /// The arithmetic of the bounds, in whose formats the cases are.
  package private(set) var arithmetic = Arithmetic.model(.f32)
  /// The number of cases.
  package private(set) var cases = 1000
  /// The number where random choices start.
  package private(set) var seed: UInt64 = 0
  /// The name of the strategies.
  package private(set) var strategy = "all"
  /// The objective of a search.
  package private(set) var objective = Objective.margin
  /// The extents that every case has, by name.
  package private(set) var shape: [String: Int] = [:]
  /// The attributes that every case has.
  package private(set) var attributes = FixedAttributes.none
  /// The longest time for making failures smaller.
  package private(set) var shrinkingTime = Duration.seconds(30)
  /// The part of the run that is decided.
  package private(set) var shard = Shard.whole

  /// The strategies that take turns.
  package var turns: Turns { Turns(strategy) ?? .all }

  /// The options that `members` name, for cases of `layer`.
  ///
  /// - Throws: `RunOptionsError` that names the key.
  package init(_ members: [String: JSONValue], for layer: LayerKind) throws(RunOptionsError) {
    for (key, value) in members.sorted(by: { $0.key < $1.key }) {
      func refuse(_ expected: String) -> RunOptionsError {
        RunOptionsError(problem: "option '\(key)' is \(value.shown), expected \(expected)")
      }
      switch key {
      case "arithmetic":
        guard let text = value.text else { throw refuse("a text such as \"bf16\"") }
        do throws(ArithmeticError) {
          arithmetic = try Arithmetic(parsing: text)
        } catch { throw RunOptionsError(problem: error.problem) }
      case "cases":
        guard let count = value.integer, 1...Self.mostCases ~= count else { throw refuse("a whole number from 1") }
        cases = count
      case "seed":
        // Greater numbers are not read exactly, but from a text.
        let number = value.integer.flatMap { 0...1 << 53 ~= $0 ? UInt64($0) : nil } ?? value.text.flatMap { UInt64($0) }
        guard let number else { throw refuse("a whole number from 0 to 2^53, or a text of one below 2^64") }
        seed = number
      case "strategy":
        guard let name = value.text, Turns(name) != nil else {
          throw refuse("one of \(Turns.names.joined(separator: ", "))")
        }
        strategy = name
      case "objective":
        guard let chosen = value.text.flatMap({ Objective(rawValue: $0) }) else { throw refuse("margin or ulps") }
        objective = chosen
      case "shape":
        guard case .object(let extents) = value else { throw refuse("an object such as {\"columns\": 64}") }
        let numbers = extents.compactMapValues(\.integer)
        guard numbers.count == extents.count else { throw refuse("whole numbers") }
        do throws(FixedShapeError) {
          shape = try FixedShape(numbers, of: [layer]).extents
        } catch { throw RunOptionsError(problem: error.problem) }
      case "attributes":
        guard case .object(let values) = value else { throw refuse("an object such as {\"scheme\": \"int8\"}") }
        do throws(FixedAttributesError) {
          attributes = try FixedAttributes(values.mapValues { $0.text ?? $0.shown }, of: [layer])
        } catch { throw RunOptionsError(problem: error.problem) }
      case "shrinkingTime":
        guard case .number(let seconds) = value, seconds >= 0, seconds <= 86_400 else {
          throw refuse("a number of seconds from 0 to 86400")
        }
        shrinkingTime = .seconds(seconds)
      case "shard":
        guard let part = Shard(value) else { throw refuse(Shard.expected) }
        shard = part
      default:
        throw RunOptionsError(
          problem:
            "there is no option '\(key)'; there are arithmetic, attributes, cases, objective, seed, shape, shard, shrinkingTime, "
            + "strategy")
      }
    }
  }
}

extension Shard {
  /// The words for what JSON must hold.
  package static let expected = "an object such as {\"index\": 0, \"count\": 4}"

  /// The part that an object such as `{"index": 0, "count": 4}` names, of at most 2²⁰.
  package init?(_ value: JSONValue) {
    guard case .object(let parts) = value, parts.count == 2, let index = parts["index"]?.integer,
      let count = parts["count"]?.integer, 0 <= index, index < count, count <= 1 << 20
    else { return nil }
    self.init(index: index, count: count)
  }
}

/// The reason why options cannot be used.
package struct RunOptionsError: Error, Sendable, CustomStringConvertible {
  /// The fault, and what there is instead.
  package let problem: String

  /// One line for the person who must act.
  package var description: String { problem.onOneLine }
}
