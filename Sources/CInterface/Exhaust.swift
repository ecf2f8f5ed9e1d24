import CPlumbline
import PlumbEngine
import PlumbExhaustion
import PlumbFormats
import PlumbFuzzing
import PlumbReports
import PlumbVerdicts

/// A walk through the numbers of a function; `plumbline.h` has the arguments.
@_cdecl("plumbline_exhaust")
public func exhaust(
  _ function: UnsafePointer<CChar>?, _ options: UnsafePointer<CChar>?, _ progress: Listener.Function?,
  _ context: UnsafeMutableRawPointer?, _ place: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?
) -> CInt {
  unsafe answer(place) {
    let name = try unsafe text(function, "function")
    guard let function = Engine.ElementaryFunction(rawValue: name) else {
      let names = Engine.ElementaryFunction.allCases.map(\.rawValue).joined(separator: ", ")
      throw BadArgument("there is no function '\(name)'; there are \(names)")
    }
    let options = try ExhaustOptions(try unsafe members(options, "options"))
    let listener = unsafe Listener(progress, context)
    let report = try ExhaustiveWalk(function, instructionSet: options.instructionSet).report(
      options.range, shard: options.shard, isInterrupted: { listener.isStopped },
      progress: { listener.hear("\(name)  \(Int($0 * 100)) %") })
    if listener.isStopped { throw Stopped() }
    return try ReportJSON.text(of: report)
  }
}

/// The options of a walk, as a JSON object writes them; `plumbline.h` lists them.
private struct ExhaustOptions {
  private(set) var instructionSet = Engine.InstructionSet.current
  private(set) var range: ClosedRange<Float>?
  private(set) var shard = Shard.whole

  /// The options that `members` name.
  ///
  /// - Throws: `BadArgument` that names the key.
  init(_ members: [String: JSONValue]) throws {
    for (key, value) in members.sorted(by: { $0.key < $1.key }) {
      func refuse(_ expected: String) -> BadArgument {
        BadArgument("option '\(key)' is \(value.shown), expected \(expected)")
      }
      switch key {
      case "isa":
        guard let name = value.text else { throw refuse("the name of an instruction set") }
        do { instructionSet = try .requested(name) } catch { throw BadArgument("\(error)") }
      case "range":
        guard let range = value.text.flatMap({ ExhaustiveWalk.range($0) }) else {
          throw refuse("two finite numbers such as -1.5...2, the lower first")
        }
        self.range = range
      case "shard":
        guard let part = Shard(value) else { throw refuse(Shard.expected) }
        shard = part
      default: throw BadArgument("there is no option '\(key)'; there are isa, range, shard")
      }
    }
  }
}
