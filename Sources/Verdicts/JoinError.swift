import Foundation

/// The reason why reports are not the parts of one run.
package struct JoinError: Error, Sendable, Equatable, CustomStringConvertible {
  /// The fault.
  package let problem: String

  package init(problem: String) { self.problem = problem }

  /// One line for the person who must act.
  package var description: String { problem }

  /// The reports of a JSON list, as `command` prints it.
  ///
  /// - Throws: `JoinError` where it is none.
  package static func reports<Report: Decodable>(
    _: Report.Type, in bytes: [UInt8], of command: String
  ) throws(JoinError) -> [Report] {
    let decoder = JSONDecoder()
    decoder.nonConformingFloatDecodingStrategy = .convertFromString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    do {
      return try decoder.decode([Report].self, from: Data(bytes))
    } catch {
      throw JoinError(problem: "is not a report of '\(command) --json' (\(reason(of: error)))")
    }
  }

  /// The problem, and the key under which it is.
  private static func reason(of error: any Error) -> String {
    func place(_ context: DecodingError.Context) -> String {
      let path = context.codingPath.map { $0.intValue.map { "[\($0)]" } ?? ".\($0.stringValue)" }.joined()
      return path.isEmpty ? "" : " at \(path)"
    }
    guard let error = error as? DecodingError else { return "no JSON" }
    return switch error {
    case .keyNotFound(let key, let context): "there is no '\(key.stringValue)'\(place(context))"
    case .typeMismatch(_, let context), .valueNotFound(_, let context): "a value of another kind\(place(context))"
    case .dataCorrupted(let context): context.codingPath.isEmpty ? "no JSON" : "a wrong value\(place(context))"
    @unknown default: "unknown"
    }
  }
}
