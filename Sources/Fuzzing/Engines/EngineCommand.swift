public import PlumbDrift
public import PlumbModel
public import PlumbTolerance
import Synchronization

/// Another engine: a command that computes layers, asked over its standard input and output.
///
/// The command is started when the first case is there, and again after it crashed, hung or answered rubbish. Where
/// several threads ask at once, each has a process of its own.
public final class EngineCommand: Sendable {
  /// The command, as the shell gets it.
  public let command: String
  /// The arithmetic that its bounds are computed for.
  public let arithmetic: Arithmetic
  private let timeLimit: Duration
  private let state = Mutex(State())

  private struct State {
    var idle: [EngineProcess] = []
    /// Whether there ever was a whole reply.
    var hasReplied = false
    /// The processes that ended without one before there was any.
    var stillborn = 0
  }

  /// How many processes may end without a single reply before the engine is given up.
  static let attempts = 3

  /// The time that an engine has for one reply, unless told otherwise.
  public static let usualTimeLimit: Duration = .seconds(10)

  /// Makes an engine of `command`, run by `/bin/sh -c`.
  public init(
    _ command: String, arithmetic: Arithmetic = .model(.f32), timeLimit: Duration = EngineCommand.usualTimeLimit
  ) {
    self.command = command
    self.arithmetic = arithmetic
    self.timeLimit = timeLimit
  }

  /// Asks for the output of `input`, the case `number` of a run, and holds it against its bounds.
  ///
  /// *Edge cases*: without an output that can be measured the case is *outside*, and `problem` says why; with an attribute
  /// of which nothing is proved it is outside the domain.
  /// - Throws: `EngineCommandError` where the command does not start, `DriftError` where no precision decides.
  public func judge(_ input: CheckedCase, number: Int? = nil) throws -> LocalDrift {
    do {
      return try arithmetic.judge(input, output: try output(input, number: number))
    } catch let failure as EngineFailure {
      return LocalDrift(unmeasured: failure.description)
    }
  }

  /// The engine's output.
  private func output(_ input: CheckedCase, number: Int?) throws -> Activation<Float> {
    let process: EngineProcess
    if let idle = state.withLock({ $0.idle.popLast() }) {
      process = idle
    } else {
      guard let made = EngineProcess(command) else {
        throw EngineCommandError(problem: "'\(command)': the operating system starts no process")
      }
      process = made
    }
    let reply: [UInt8]
    do {
      reply = try process.exchange(
        EngineMessage.request(input, number: number), limit: timeLimit,
        greatest: EngineMessage.greatestReply(to: input))
    } catch {
      try giveUp(after: error, of: process)
      throw error
    }
    state.withLock {
      $0.hasReplied = true
      $0.idle.append(process)
    }
    return try EngineMessage.output(reply, to: input)
  }

  /// Gives the engine up where none of its processes has ever replied.
  private func giveUp(after failure: EngineFailure, of process: EngineProcess) throws(EngineCommandError) {
    guard failure.kind == .crash else { return }
    let isStillborn = state.withLock { state in
      state.stillborn += 1
      // The shell says with these that there is no such command, or that it is none.
      let isMissing = [126, 127].contains(process.exitStatus)
      return !state.hasReplied && (isMissing || state.stillborn >= Self.attempts)
    }
    if isStillborn {
      throw EngineCommandError(problem: "the engine '\(command)' does not start: it \(failure.detail)")
    }
  }
}

extension Arithmetic {
  /// Holds `output`, computed in this arithmetic, against what the layer must compute on `input`.
  ///
  /// *Edge cases*: of a case with an attribute of which nothing is proved in it, nothing is claimed.
  /// - Throws: `DriftError` where no precision decides.
  public func judge(_ input: CheckedCase, output: Activation<Float>) throws -> LocalDrift {
    switch self {
    case .engine: return try Catalogue.judge(input, output: output)
    case .model(let model):
      guard Catalogue.isProved(input, in: model) else { return LocalDrift(nothingClaimedOf: output) }
      return try Catalogue.judge(input, output: output, in: model)
    }
  }

  /// The case as an engine in this arithmetic can be given it: its tensors rounded to the format that they are stored in.
  public func prepared(_ input: LayerCase) -> LayerCase {
    if case .model(let model) = self { input.representable(in: model.storage) } else { input }
  }
}
